//! Asking for scenes: which window is needed, and what the answer changes.

use leptos::prelude::*;

use super::super::super::look::Emphasis;
use super::super::super::stretch::Stretch;
use super::super::scene::{self, Asked};
use super::{LANE, Painter};
use crate::engine::protocol::Flame;
use crate::page::client::AskError;
use crate::scene::flame::flag;
use crate::web;

impl Painter {
    /// Asks for another scene if the one at hand, or the one on its way, does not serve the view.
    pub(super) fn ask(&self) {
        let visible = self.view.visible_now();
        let extent = self.view.extent.get_untracked();
        let trace_id = self.view.id.get_untracked();
        let lanes_known = self.lanes.get_untracked();
        let whole = self.view.shows_all();
        let Some((lanes, device_px, minimap_px)) = self.change(|s| {
            if s.width < 1.0 || s.height < 1.0 || trace_id.is_empty() {
                return None;
            }
            let device_px = s.width * s.ratio;
            let view = s.flame_view(visible, &[], None);
            let mut lanes = view.lanes();
            if lanes_known > 0 {
                lanes.end = lanes.end.min(lanes_known).max(lanes.start);
            }
            let serves = |a: &Asked| a.serves(visible, extent, device_px, &lanes);
            let at_hand = s.scene.as_ref().is_some_and(|(a, _)| serves(a)) && !s.stale;
            // All of a trace may be asked for before it is known how long that is.
            let on_its_way = s.asked.as_ref().is_some_and(|a| serves(a) || (whole && a.is_whole()));
            if at_hand || on_its_way {
                return None;
            }
            let around = scene::lanes_around(&lanes);
            s.asked = Some(if whole {
                Asked::whole(device_px, around.clone())
            } else {
                Asked::around(visible, extent, device_px, around.clone())
            });
            let have = s.minimap.as_ref().map_or(0, |m| m.density.len());
            let want = s.width.round() as usize;
            // A narrower or wider window stretches the one at hand; a new one is worth it when it is far off.
            let fresh = s.stale || have == 0 || have.abs_diff(want) > want / 4;
            Some((around, device_px, if fresh { want as u32 } else { 0 }))
        }) else {
            return;
        };
        let question = Flame {
            trace_id: trace_id.clone(),
            from_ns: visible.from,
            to_ns: (!whole).then_some(visible.to),
            width_px: device_px.round() as u32,
            lane_from: lanes.start,
            lane_to: Some(lanes.end),
            minimap_px,
            find: self.view.find.get_untracked(),
            path: untrack(|| self.view.has("path")),
            sync_only: untrack(|| self.view.has("sync")),
            merged: untrack(|| self.view.merged()),
            skew: untrack(|| self.view.has("skew")),
            color: untrack(|| self.view.look("color")).unwrap_or_default(),
            around: untrack(|| self.view.look("around")).unwrap_or_default(),
            once: untrack(|| self.view.has("once")),
            reveal: None,
        };
        let this = self.clone();
        let client = self.view.app.client();
        web::tasks::spawn(async move {
            let result = client.ask("trace-flame", question).await;
            if this.is_gone() || this.view.id.get_untracked() != trace_id {
                return;
            }
            let answered = match result {
                Ok(answered) => answered,
                Err(AskError::Superseded) => return,
                Err(AskError::Failed(sentence)) => {
                    this.error.set(Some(sentence));
                    return;
                }
            };
            let head = &answered.answer.body;
            let Some(mut scene) = scene::scene(head, &answered.buffers) else { return };
            if this.with(|s| s.emphasis == Emphasis::Hide) {
                scene::keep(&mut scene, |flags| flags & flag::KEPT != 0);
            }
            scene::keep(&mut scene, |flags| flags & flag::COPY == 0);
            let path = scene::marks(&answered.buffers, scene::PATH);
            let ghosts = scene::marks(&answered.buffers, scene::GHOSTS);
            let minimap = scene::minimap(&answered.buffers);
            let new_minimap = minimap.is_some();
            this.change(|s| {
                let end = if head.lane_to >= head.lanes { u32::MAX } else { head.lane_to };
                let given = Asked {
                    from: head.from_ns,
                    to: head.to_ns,
                    columns: head.width_px,
                    lanes: head.lane_from..end,
                };
                s.scene = Some((given, scene));
                (s.path, s.ghosts) = (path, ghosts);
                (s.stale, s.asked) = (false, None);
                if new_minimap {
                    s.minimap = minimap;
                }
            });
            this.error.set(None);
            this.scenes.update(|n| *n = n.wrapping_add(1));
            this.view.set_services(&head.services);
            this.view.grow(head.duration_ns);
            if this.lanes.get_untracked() != head.lanes {
                this.lanes.set(head.lanes);
                this.scroll_by(0.0);
            }
            // A sandwich begins with its middle in sight; where that was gone to, scrolling is the person's.
            if this.change(|s| std::mem::replace(&mut s.center, head.center_lane)) != head.center_lane
                && let Some(lane) = head.center_lane
            {
                this.show_lane(lane);
            }
            if this.center.with_untracked(|name| *name != head.center) {
                this.center.set(head.center.clone());
                this.cut.set(head.callers_cut);
            }
            if new_minimap {
                this.minimap_version.update(|n| *n += 1);
            }
            this.schedule();
        });
    }

    /// Brings the selected span into view, in time and in height.
    pub(in super::super) fn reveal(&self, place: u32, from: f64, to: f64) {
        let visible = self.view.visible_now();
        if to < visible.from || from > visible.to {
            let extent = self.view.extent.get_untracked();
            let length = visible.length().max((to - from) * 1.1);
            let middle = f64::midpoint(from, to);
            self.view
                .travel(Stretch { from: middle - length / 2.0, to: middle + length / 2.0 }.inside(extent));
        }
        if let Some(lane) = self.with(|s| s.lane_of(place)) {
            self.show_lane(lane);
            return;
        }
        let question = Flame {
            trace_id: self.view.id.get_untracked(),
            from_ns: 0.0,
            to_ns: Some(1.0),
            width_px: 1,
            lane_from: 0,
            lane_to: Some(0),
            minimap_px: 0,
            reveal: Some(place),
            merged: untrack(|| self.view.merged()),
            ..Flame::default()
        };
        let this = self.clone();
        let client = self.view.app.client();
        web::tasks::spawn(async move {
            let Ok(answered) = client.ask("trace-lane", question).await else { return };
            if let (false, Some(lane)) = (this.is_gone(), answered.answer.body.revealed_lane) {
                this.change(|s| s.lane = Some((place, lane)));
                this.show_lane(lane);
                this.schedule();
            }
        });
    }

    fn show_lane(&self, lane: u32) {
        let top = f64::from(lane) * LANE;
        let by = self.with(|s| {
            if top < s.scroll_y || top + LANE > s.scroll_y + s.height {
                top + LANE / 2.0 - s.height / 2.0 - s.scroll_y
            } else {
                0.0
            }
        });
        self.scroll_by(by);
    }
}
