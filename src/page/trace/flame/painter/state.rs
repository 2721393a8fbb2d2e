//! What the painter knows, and what follows from it.

use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::super::super::look::Emphasis;
use super::super::super::stretch::Stretch;
use super::super::gestures::Gestures;
use super::super::scene::Asked;
use super::LANE;
use crate::page::client::Painting;
use crate::paint::flame::lane_run;
use crate::paint::{Dim, FlameView, GlyphWidths, Mark, Palette, Pixels, Theme};
use crate::scene::flame::{FlameScene, Minimap, flag};

/// Measures one character.
type Measure = Box<dyn FnMut(char) -> f64>;

/// A rectangle of the scene, as hovering and clicking want it.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Bar {
    pub(in super::super) mark: Mark,
    pub(in super::super) place: u32,
    pub(in super::super) count: u32,
    pub(in super::super) service: String,
    pub(in super::super) name: Option<String>,
    pub(in super::super) flags: u32,
}

/// What the painter knows.
pub(in super::super) struct State {
    pub(super) canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    pub(super) font: String,
    pub(super) widths: Option<GlyphWidths<Measure>>,
    /// CSS pixels.
    pub(in super::super) width: f64,
    /// CSS pixels.
    pub(in super::super) height: f64,
    pub(super) ratio: f64,
    pub(in super::super) scroll_y: f64,
    pub(super) scene: Option<(Asked, FlameScene)>,
    pub(super) asked: Option<Asked>,
    /// The data changed: what is at hand is shown until the answer comes.
    pub(super) stale: bool,
    pub(super) minimap: Option<Minimap>,
    pub(super) hovered: Option<Mark>,
    /// The critical path, as it stands in the scene.
    pub(super) path: Vec<Mark>,
    /// Where bars were before clock skew correction.
    pub(super) ghosts: Vec<Mark>,
    /// The lane to go to once it is there.
    pub(super) center: Option<u32>,
    /// What the search does to the bars.
    pub(super) emphasis: Emphasis,
    /// The lane of the selected place, where the engine told it.
    pub(super) lane: Option<(u32, u32)>,
    pub(super) pixels: Pixels,
    pub(super) palette: Palette,
    pub(in super::super) gestures: Gestures,
    pub(super) scheduled: Option<Painting>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            canvas: None,
            font: String::new(),
            widths: None,
            width: 0.0,
            height: 0.0,
            ratio: 1.0,
            scroll_y: 0.0,
            scene: None,
            asked: None,
            stale: false,
            minimap: None,
            hovered: None,
            path: Vec::new(),
            ghosts: Vec::new(),
            center: None,
            emphasis: Emphasis::None,
            lane: None,
            pixels: Pixels::default(),
            palette: Palette::new(Theme::Light, []),
            gestures: Gestures::default(),
            scheduled: None,
        }
    }

    pub(super) fn flame_view<'a>(
        &'a self,
        visible: Stretch,
        grid: &'a [f64],
        selected: Option<Mark>,
    ) -> FlameView<'a> {
        FlameView {
            start_ns: visible.from,
            ns_per_px: visible.length() / self.width.max(1.0),
            scroll_y: self.scroll_y,
            row_height: LANE,
            width: self.width,
            height: self.height,
            device_ratio: self.ratio,
            selected,
            hovered: self.hovered,
            dim: match self.emphasis {
                Emphasis::None | Emphasis::Hide => Dim::Nothing,
                Emphasis::Dim => Dim::Unmatched,
                Emphasis::Frame => Dim::FrameMatches,
            },
            underlined: &self.path,
            ghosts: &self.ghosts,
            grid,
        }
    }

    pub(super) fn index_of(&self, place: u32) -> Option<usize> {
        self.scene.as_ref()?.1.place.iter().position(|&p| p == place)
    }

    pub(super) fn lane_of(&self, place: u32) -> Option<u32> {
        let told = self.lane.filter(|(p, _)| *p == place).map(|(_, lane)| lane);
        told.or_else(|| Some(self.scene.as_ref()?.1.lane[self.index_of(place)?]))
    }

    pub(super) fn mark_of(&self, place: u32, exact: Option<(f64, f64)>) -> Option<Mark> {
        let lane = self.lane_of(place)?;
        let (t0, t1) = exact.or_else(|| {
            let scene = &self.scene.as_ref()?.1;
            let at = self.index_of(place).filter(|&at| scene.flags[at] & flag::SEVERAL == 0)?;
            Some((scene.t0[at], scene.t1[at]))
        })?;
        Some(Mark { lane, t0, t1 })
    }

    /// How many rectangles are in sight, for the text twin.
    pub(in super::super) fn in_sight(&self, visible: Stretch) -> usize {
        let Some((_, scene)) = &self.scene else { return 0 };
        let lanes = self.flame_view(visible, &[], None).lanes();
        let from = lane_run(scene, lanes.start).start;
        let to = scene.lane.partition_point(|&l| l < lanes.end);
        (from..to)
            .filter(|&i| scene.t1[i] >= visible.from && scene.t0[i] <= visible.to)
            .map(|i| scene.count[i] as usize)
            .sum()
    }
}
