//! What the pages show: plain words and numbers, and the templates that lay them out.
//!
//! Nothing here knows the database or HTTP; a handler fills these structs, askama renders them.
pub mod form;
pub mod frame;
pub mod health;
pub mod help;
pub mod operator;
pub mod pages;
pub mod pictured;
pub mod pieces;
pub mod signing_in;
pub mod words;

pub use form::Form;
pub use frame::{Flash, FlashKind, Me, NavLink, Page};
pub use pictured::Pictured;
pub use pieces::{
    Avatar, FaultLine, Field, GroupLine, Help, Kind, LedgerView, Pager, Person, Picture, Poll,
    PollChoice, Post, Quote, ThanksChoice, ThreadLine, When,
};

#[cfg(test)]
mod contrast_tests;
#[cfg(test)]
mod tests;
