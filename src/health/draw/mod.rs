//! Pictures of a report as SVG: no names, no style attributes, no scripts; colours come from the
//! page's stylesheet by class, and each picture says in words what it shows.
mod bars;
mod place;
mod svg;
#[cfg(test)]
mod tests;
mod trend;
mod web;

pub use bars::{concentration, held};
pub use place::{Dot, Kind, Web};
pub use trend::{Course, trend};
pub use web::web;
