//! Small parts that all views share: numbers with quiet units, service dots, virtual rows, tabs, menus,
//! dialogs, and what stands where there is nothing to show.

mod copy;
mod dialog;
mod dot;
mod menu;
mod numbers;
mod states;
mod tabs;
mod virtual_rows;
mod width;

pub use copy::CopyButton;
pub use dialog::Dialog;
pub use dot::{Name, ServiceDot, ServiceName};
pub use menu::{Menu, MenuItem};
pub use numbers::{Duration, Percent, Quantity, Share};
pub use states::{Blank, Waiting};
pub use tabs::{Tab, Tabs};
pub use virtual_rows::VirtualRows;
pub use width::{later, width_of};
