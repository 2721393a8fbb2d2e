//! First fit: which track is free the soonest, counted from the top.
//!
//! A segment tree holds, for every track, when it is free again; finding the topmost track that is free at a
//! time, and taking it, cost the logarithm of the number of tracks. 100,000 concurrent siblings are ordinary.

/// Tracks below one span, filled with boxes.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    /// Minimum tree: leaf `capacity + t` says when track `t` is free; tracks not opened yet never are.
    free_at: Vec<u64>,
    capacity: usize,
    heights: Vec<u32>,
}

impl Tracks {
    /// Closes all tracks.
    pub(super) fn clear(&mut self) {
        self.heights.clear();
        self.capacity = 1;
        self.free_at.clear();
        self.free_at.resize(2, u64::MAX);
    }

    /// Puts a box into the topmost track that is free at `from`, or opens one; gives the track's number.
    pub(super) fn put(&mut self, from: u64, to: u64, height: u32) -> u32 {
        let track = if self.free_at[1] <= from { self.topmost(from) } else { self.open() };
        let mut node = self.capacity + track;
        self.free_at[node] = to;
        while node > 1 {
            node /= 2;
            self.free_at[node] = self.free_at[2 * node].min(self.free_at[2 * node + 1]);
        }
        self.heights[track] = self.heights[track].max(height);
        track as u32
    }

    /// Turns the tracks' heights into the lanes above each of them; gives the height of all.
    pub(super) fn stack(&mut self) -> u32 {
        let mut above = 0;
        for height in &mut self.heights {
            above += std::mem::replace(height, above);
        }
        above
    }

    /// Lanes above a track, after [`stack`](Self::stack).
    pub(super) fn above(&self, track: u32) -> u32 {
        self.heights[track as usize]
    }

    fn topmost(&self, from: u64) -> usize {
        let mut node = 1;
        while node < self.capacity {
            node *= 2;
            if self.free_at[node] > from {
                node += 1;
            }
        }
        node - self.capacity
    }

    fn open(&mut self) -> usize {
        let track = self.heights.len();
        self.heights.push(0);
        if track == self.capacity {
            let leaves = self.free_at[self.capacity..].to_vec();
            self.capacity *= 2;
            self.free_at.clear();
            self.free_at.resize(2 * self.capacity, u64::MAX);
            self.free_at[self.capacity..self.capacity + leaves.len()].copy_from_slice(&leaves);
            for node in (1..self.capacity).rev() {
                self.free_at[node] = self.free_at[2 * node].min(self.free_at[2 * node + 1]);
            }
        }
        track
    }
}
