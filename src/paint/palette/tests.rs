//! Contrast and distance of the colors, and who gets which.

use super::*;

fn linear(color: Rgba) -> [f64; 3] {
    std::array::from_fn(|i| {
        let v = f64::from(color[i]) / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance(color: Rgba) -> f64 {
    let [r, g, b] = linear(color);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// WCAG 2 contrast.
fn contrast(a: Rgba, b: Rgba) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

fn oklab([r, g, b]: [f64; 3]) -> [f64; 3] {
    let (r, g, b) = (r.max(0.0), g.max(0.0), b.max(0.0));
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785_0 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205_0 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766_0 * s,
    ]
}

/// Protanopia and deuteranopia after Machado, Oliveira and Fernandes (2009), and usual sight.
const EYES: [[[f64; 3]; 3]; 3] = [
    [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ],
    [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ],
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
];

fn distance(eye: &[[f64; 3]; 3], a: Rgba, b: Rgba) -> f64 {
    let see = |c: Rgba| {
        let v = linear(c);
        oklab(std::array::from_fn(|i| (0..3).map(|j| eye[i][j] * v[j]).sum()))
    };
    let (a, b) = (see(a), see(b));
    (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
}

/// Least distance of two colors in Oklab; 0.02 is what is just noticed side by side.
const MIN_APART: f64 = 0.04;
/// Least distance from the error color.
const MIN_ERROR: f64 = 0.055;

#[test]
fn text_on_bars_is_readable_and_colors_are_told_apart() {
    for theme in [Theme::Light, Theme::Dark] {
        let palette = Palette::new(theme, []);
        let colors = service_colors(theme);
        for (i, &color) in colors.iter().enumerate() {
            assert!(
                contrast(color, palette.on_bar) >= 4.5,
                "{theme:?} {i}: {}",
                contrast(color, palette.on_bar)
            );
            for eye in &EYES {
                let error = distance(eye, color, palette.error);
                assert!(error > MIN_ERROR, "{theme:?} {i} is {error} from the error color");
                for (j, &other) in colors[..i].iter().enumerate() {
                    let apart = distance(eye, color, other);
                    assert!(apart > MIN_APART, "{theme:?} {j} and {i} are {apart} apart");
                }
            }
        }
    }
}

#[test]
fn a_color_follows_the_name_unless_it_is_taken() {
    let alone = |name| assign([name])[0];
    let names = ["todo-web", "pricing", "notifier", "recommendations", "cart", "", "frontend", "payment"];
    let slots = assign(names);
    assert_eq!(slots[0], alone("todo-web"));
    let mut distinct = slots.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(assign(names), slots, "the same list gives the same colors");
    assert_eq!(assign(["pricing", "x"])[0], alone("pricing"));

    let many: Vec<String> = (0..5 * SERVICE_COLORS).map(|i| format!("svc{i}")).collect();
    let mut uses = [0; SERVICE_COLORS];
    for slot in assign(many.iter().map(String::as_str)) {
        uses[slot as usize] += 1;
    }
    assert_eq!(uses, [5; SERVICE_COLORS]);
}

#[test]
fn colors_convert_as_browsers_do() {
    assert_eq!(css(srgb((0.72, 0.11, 250.0))), "#6da9e7");
    assert_eq!(css(srgb((1.0, 0.0, 0.0))), "#ffffff");
    assert_eq!(mix([0, 0, 0, 255], [255, 255, 255, 255], 0.5), [128, 128, 128, 255]);
}
