//! Writing SVG, element by element.
use std::fmt::{Display, Write as _};

use super::super::words::Message;

/// A picture in the making.
pub struct Svg {
    text: String,
}

impl Svg {
    /// Begins a picture: `id` is unique on its page, `title` and `desc` tell it to who does not see
    /// it.
    pub fn new(id: &str, class: &str, size: (f64, f64), title: &Message, desc: &str) -> Self {
        let (width, height) = size;
        let (title, desc) = (escape(&title.english()), escape(desc));
        let mut svg = Self { text: String::new() };
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture {class}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-desc\">{desc}</desc>"
        ));
        svg
    }

    /// Writes what is SVG already.
    pub fn put(&mut self, what: impl Display) {
        // A string takes whatever is written to it.
        let _ = write!(self.text, "{what}");
    }

    /// Begins a group of that class.
    pub fn open(&mut self, class: &str) {
        self.put(format_args!("<g class=\"{class}\">"));
    }

    /// Ends it.
    pub fn close(&mut self) {
        self.put("</g>");
    }

    /// A dot.
    pub fn dot(&mut self, class: &str, at: (f64, f64), radius: f64) {
        let (x, y) = at;
        self.put(format_args!(
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>"
        ));
    }

    /// A rectangle by its corner and size.
    pub fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64)) {
        let ((x, y), (width, height)) = (corner, (size.0.max(0.0), size.1));
        self.put(format_args!(
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"2\"/>"
        ));
    }

    /// A line.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.put(format_args!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        ));
    }

    /// Words, standing on `at`. The class says how large, and `end` or `middle` where they are
    /// anchored.
    pub fn words(&mut self, class: &str, at: (f64, f64), words: &str) {
        let ((x, y), words) = (at, escape(words));
        self.put(format_args!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>"));
    }

    /// A path through points.
    pub fn path(&mut self, class: &str, points: &[(f64, f64)], closed: bool) {
        let mut data = String::new();
        for ((x, y), letter) in
            points.iter().zip(std::iter::once('M').chain(std::iter::repeat('L')))
        {
            let _ = write!(data, "{letter}{x:.1} {y:.1}");
        }
        let end = if closed { "Z" } else { "" };
        self.put(format_args!("<path class=\"{class}\" d=\"{data}{end}\"/>"));
    }

    /// The picture.
    pub fn finish(mut self) -> String {
        self.put("</svg>");
        self.text
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A number for drawing; a large one is as far away as need be.
pub fn float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
