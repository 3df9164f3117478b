//! Is the group a pool, a hub or a web, and who could take it away? Figures that anybody can
//! recount from the ledger (`docs/health.md`). No I/O, no clock, no chance but what the tree root
//! seeds.
mod assemble;
pub mod concentration;
#[cfg(test)]
mod cost;
mod dice;
pub mod draw;
pub mod generosity;
pub mod graph;
pub mod held;
#[cfg(test)]
mod networks;
mod people;
#[cfg(test)]
mod properties;
mod rates;
pub mod ratio;
pub mod report;
#[cfg(test)]
mod samples;
mod scene;
pub mod shape;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod stories;
mod tally;
mod waiting;
pub mod words;

pub use report::{Report, Resampled};
pub use shape::Shape;
pub use tally::Tally;
