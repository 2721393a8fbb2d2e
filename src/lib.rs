//! Spanscope: a trace explorer that is only a static web page.
