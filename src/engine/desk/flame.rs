//! The flamegraph's scene for one window of time.

use super::lists::group_by;
use super::views::SKEW;
use super::{Buffer, Desk, Error, Reply};
use crate::analysis::{Group, GroupBy, Grouper};
use crate::engine::protocol as p;
use crate::scene::flame::{FlameScene, PathMarks, Window, flag};
use crate::store::{ServiceId, Store};

/// Layouts with no more lanes than this are always given whole.
const FEW_LANES: u32 = 400;

impl Desk {
    pub(super) fn flame(&mut self, r: &p::Flame) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        let by_time = r.merged.is_empty();
        let layout = if r.skew && by_time { SKEW } else { r.merged.as_str() };
        let layout = self.laid_out(number, layout, &r.around, r.sync_only)?;
        let layout = layout.as_str();
        // The critical path is one of raw times.
        if r.path && layout.is_empty() {
            self.walk_path(number, r.sync_only)?;
        }
        if !r.find.is_empty() {
            self.look_for(number, &r.find)?;
            self.match_bars(layout);
        }
        let store = self.builder.store();
        let by_raw_time = layout.is_empty();
        let Some((shown, layout)) = self.shown.as_ref().and_then(|s| Some((s, s.layout_of(layout)?))) else {
            return Err(Error::NoTrace(r.trace_id.clone()));
        };
        let lanes = if layout.lanes() <= FEW_LANES {
            0..layout.lanes()
        } else {
            r.lane_from.min(layout.lanes())..r.lane_to.unwrap_or(r.lane_from + FEW_LANES).min(layout.lanes())
        };
        let finite = |value: f64, default: f64| if value.is_finite() { value } else { default };
        let end = finite(r.to_ns.unwrap_or(f64::MAX), f64::MAX).min(layout.duration_ns() as f64);
        let start = finite(r.from_ns, 0.0).max(0.0);
        let window = Window::around(layout, start, end.max(start + 1.0), r.width_px.clamp(1, 16_384), lanes);
        let mut scene = layout.window(store, &window);
        let bars = shown.found.as_ref().filter(|_| !r.find.is_empty()).and_then(|f| f.bars.as_ref());
        if let Some((_, matches, kept)) = bars {
            scene.mark(matches);
            scene.mark_as(flag::KEPT, kept);
        }
        if r.once && by_time && !shown.copies.is_empty() {
            scene.mark_whole(flag::COPY, &layout.matches(shown.copies.iter()));
        }
        let ghosts = if r.skew && by_time { ghosts(&scene, &shown.skew) } else { PathMarks::default() };
        let path = shown.path.as_ref().filter(|_| r.path && by_raw_time);
        let origin = store.trace(number).facts().start_ns;
        let path = path.map_or_else(PathMarks::default, |p| layout.path_marks(&p.sections, origin, &window));
        let services = if r.color.is_empty() {
            let all = (0..store.service_count() as u32).map(ServiceId);
            all.map(|s| store.service_name(s).to_owned()).collect()
        } else {
            recolor(store, number, group_by(store, &r.color)?, &mut scene)
        };
        let head = p::FlameAnswer {
            from_ns: scene.start_ns,
            to_ns: scene.end_ns,
            width_px: scene.width_px,
            duration_ns: scene.duration_ns,
            lanes: scene.lanes,
            lane_from: scene.first_lane,
            lane_to: scene.end_lane,
            labels: scene.labels,
            services,
            revealed_lane: r.reveal.and_then(|place| layout.place_lane(place)),
            center_lane: layout.center().map(|c| c.lane),
            center: match (layout.center(), &shown.around) {
                (Some(_), Some((_, Some((_, name))))) => store.text(*name).to_owned(),
                _ => String::new(),
            },
            callers_cut: layout.center().is_some_and(|c| !c.whole),
        };
        let mut buffers = vec![
            Buffer::F64(scene.t0),
            Buffer::F64(scene.t1),
            Buffer::U32(scene.lane),
            Buffer::U32(scene.place),
            Buffer::U32(scene.count),
            Buffer::U32(scene.service),
            Buffer::U32(scene.flags),
            Buffer::U32(scene.label),
            Buffer::F64(scene.mark_t),
            Buffer::U32(scene.mark_lane),
            Buffer::U32(scene.mark_count),
            Buffer::U32(scene.mark_kind),
            Buffer::F64(path.t0),
            Buffer::F64(path.t1),
            Buffer::U32(path.lane),
            Buffer::F64(ghosts.t0),
            Buffer::F64(ghosts.t1),
            Buffer::U32(ghosts.lane),
        ];
        if r.minimap_px > 0 {
            let minimap = layout.minimap(r.minimap_px.min(16_384));
            buffers.push(Buffer::F64(minimap.density.into_iter().map(f64::from).collect()));
            buffers.push(Buffer::U32(minimap.depth));
            buffers.push(Buffer::U32(minimap.errors));
        }
        Ok(self.reply_with(head, buffers))
    }

    /// Says of every bar of a layout whether it matches what was found last.
    fn match_bars(&mut self, merged: &str) {
        let Some(shown) = &mut self.shown else { return };
        let Some(mut found) = shown.found.take() else { return };
        if found.bars.as_ref().is_none_or(|(of, ..)| of != merged)
            && let Some(layout) = shown.layout_of(merged)
        {
            let (hits, kept) = (layout.matches(found.hits.iter()), layout.matches(found.kept.iter()));
            found.bars = Some((merged.to_owned(), hits, kept));
        }
        shown.found = Some(found);
    }
}

/// Where the single spans of a scene were before clock skew correction moved them.
fn ghosts(scene: &FlameScene, deltas: &[i64]) -> PathMarks {
    let mut ghosts = PathMarks::default();
    for at in 0..scene.len() {
        let delta = deltas.get(scene.place[at] as usize).copied().unwrap_or_default();
        if delta != 0 && scene.count[at] == 1 {
            ghosts.t0.push(scene.t0[at] - delta as f64);
            ghosts.t1.push(scene.t1[at] - delta as f64);
            ghosts.lane.push(scene.lane[at]);
        }
    }
    ghosts
}

/// Numbers the bars by the groups of their spans in place of services; gives the groups' texts.
fn recolor(store: &Store, trace: u32, by: GroupBy, scene: &mut FlameScene) -> Vec<String> {
    let rows = store.trace(trace).rows();
    let grouper = Grouper::new(store, by);
    let mut groups: Vec<Group> = Vec::new();
    for (&place, number) in scene.place.iter().zip(&mut scene.service) {
        let group = grouper.group(rows[place as usize]);
        let known = groups.iter().position(|&g| g == group);
        *number = known.unwrap_or(groups.len()) as u32;
        if known.is_none() {
            groups.push(group);
        }
    }
    groups.into_iter().map(|group| group.text(store)).collect()
}
