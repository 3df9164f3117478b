//! The web pages: rendered on the server, whole without JavaScript.
pub mod assets;
pub mod views;
