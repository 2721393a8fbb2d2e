//! Colors: services by name, the error color, text on bars; light and dark.
//!
//! A service's color follows from its name alone unless that color is taken: then the next free one is, in the
//! order of the service list, so the same list always gives the same colors. The hues keep away from the
//! error's red, and any two colors stay apart for eyes with protanopia or deuteranopia as well, if need be by
//! their lightness (a test measures it). Surface and text colors are those of the page's stylesheet.

/// Red, green, blue, alpha.
pub type Rgba = [u8; 4];

/// Which of the two looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on white.
    #[default]
    Light,
    /// Light text on near-black.
    Dark,
}

/// How many service colors there are before they repeat.
pub const SERVICE_COLORS: usize = 14;
/// The first ones are given away first: they are the furthest apart.
const BASE: usize = 8;

/// Lightness, chroma and hue (degrees) in OKLCh. Found by a search from the look's hues, which alone come as near
/// as 0.015 to each other for color-blind eyes.
type Oklch = (f64, f64, f64);

#[rustfmt::skip]
const LIGHT: [Oklch; SERVICE_COLORS] = [
    (0.670, 0.112, 264.0),
    (0.815, 0.112, 182.5),
    (0.766, 0.112, 88.3),
    (0.752, 0.112, 296.0),
    (0.670, 0.080, 53.0),
    (0.670, 0.092, 217.8),
    (0.764, 0.112, 144.2),
    (0.815, 0.096, 285.0),
    (0.785, 0.050, 257.2),
    (0.670, 0.050, 181.0),
    (0.720, 0.080, 104.0),
    (0.860, 0.065, 321.2),
    (0.675, 0.110, 84.0),
    (0.726, 0.069, 230.9),
];

/// How much darker the colors are on a dark page.
const DARKER: f64 = 0.06;

/// The colors of one theme for one list of services.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// The theme.
    pub theme: Theme,
    /// Behind everything (`--bg`).
    pub background: Rgba,
    /// Lines and grids (`--line`).
    pub line: Rgba,
    /// Text (`--text`).
    pub text: Rgba,
    /// Secondary text (`--text-2`).
    pub text_2: Rgba,
    /// Axis text (`--text-3`).
    pub text_3: Rgba,
    /// The accent (`--accent`).
    pub accent: Rgba,
    /// Errors (`--error`).
    pub error: Rgba,
    /// Warnings (`--warn`).
    pub warn: Rgba,
    /// Behind a tag, and a row under the pointer (`--bg-2`).
    pub surface: Rgba,
    /// Behind what is selected (`--accent-bg`).
    pub accent_bg: Rgba,
    /// Behind an error's tag (`--error-bg`).
    pub error_bg: Rgba,
    /// Text on a bar.
    pub on_bar: Rgba,
    /// By service.
    services: Vec<Rgba>,
}

impl Palette {
    /// The palette for services of these names, in the order of their ids.
    pub fn new<'a>(theme: Theme, services: impl IntoIterator<Item = &'a str>) -> Self {
        Self::from_slots(theme, assign(services))
    }

    /// The palette for services whose colors were given away elsewhere, in the order of their ids.
    pub fn from_slots(theme: Theme, slots: impl IntoIterator<Item = u32>) -> Self {
        let colors = service_colors(theme);
        let services = slots.into_iter().map(|slot| colors[slot as usize % SERVICE_COLORS]).collect();
        #[rustfmt::skip]
        let [background, line, text, text_2, text_3, accent, error, warn, surface, accent_bg, error_bg] = match theme {
            Theme::Light => [0xff_ffff, 0xe1_e4e9, 0x1b_1f27, 0x5a_6372, 0x5f_6877, 0x3b_5bdb, 0xc9_2a2a,
                0x8a_5a00, 0xee_f0f3, 0xed_f1ff, 0xff_f0f0],
            Theme::Dark => [0x14_171c, 0x2c_323d, 0xe6_e9ee, 0xa3_adbb, 0x94_a0b0, 0x8a_a2ff, 0xff_8787,
                0xf0_c060, 0x22_2730, 0x22_2b4d, 0x3a_1f22],
        }
        .map(hex);
        let on_bar = hex(0x12_161c);
        Self {
            theme,
            background,
            line,
            text,
            text_2,
            text_3,
            accent,
            error,
            warn,
            surface,
            accent_bg,
            error_bg,
            on_bar,
            services,
        }
    }

    /// The color of a service's bars; a gray for a service that is not in the list.
    pub fn bar(&self, service: u32) -> Rgba {
        self.services.get(service as usize).copied().unwrap_or(self.text_3)
    }
}

/// The service colors of a theme, by slot.
pub fn service_colors(theme: Theme) -> [Rgba; SERVICE_COLORS] {
    match theme {
        Theme::Light => LIGHT.map(srgb),
        Theme::Dark => LIGHT.map(|(lightness, chroma, hue)| srgb((lightness - DARKER, chroma, hue))),
    }
}

/// The slot of each service, in the order of the list: the one its name hashes to among the base colors; if it
/// is taken the next free one, then the further colors, and then round again.
pub fn assign<'a>(services: impl IntoIterator<Item = &'a str>) -> Vec<u32> {
    let mut uses = [0_u32; SERVICE_COLORS];
    let mut free_slot = |name: &str| {
        let hash = fnv(name.as_bytes());
        let round = uses.iter().copied().min().unwrap_or(0);
        let probe =
            |from: usize, count: usize| (0..count).map(move |i| from + (hash as usize % count + i) % count);
        let order = probe(0, BASE).chain(probe(BASE, SERVICE_COLORS - BASE));
        let slot = order.into_iter().find(|&slot| uses[slot] == round).unwrap_or(0);
        uses[slot] += 1;
        slot as u32
    };
    services.into_iter().map(&mut free_slot).collect()
}

/// FNV-1a, folded to 32 bits so that 32-bit and 64-bit machines agree.
fn fnv(bytes: &[u8]) -> u32 {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash ^ (hash >> 32)) as u32
}

/// `share` of the way from one color to another, in sRGB.
pub fn mix(from: Rgba, to: Rgba, share: f64) -> Rgba {
    let weight = (share.clamp(0.0, 1.0) * 256.0) as u32;
    std::array::from_fn(|i| {
        ((u32::from(from[i]) * (256 - weight) + u32::from(to[i]) * weight + 128) / 256).min(255) as u8
    })
}

/// `#rrggbb`.
pub fn css(color: Rgba) -> String {
    format!("#{:02x}{:02x}{:02x}", color[0], color[1], color[2])
}

/// An opaque color from `0xrrggbb`.
const fn hex(rgb: u32) -> Rgba {
    [(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8, 255]
}

/// OKLCh to sRGB (Björn Ottosson's matrices), clipped to the gamut.
fn srgb((lightness, chroma, hue): Oklch) -> Rgba {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    let encode = |linear: f64| {
        let v = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
        (v * 255.0).round().clamp(0.0, 255.0) as u8
    };
    [
        encode(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
        encode(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
        encode(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s),
        255,
    ]
}

#[cfg(test)]
mod tests;
