//! How a group is doing.
use askama::Template;

use super::Page;

/// `/@name/health`
#[derive(Debug, Default, Template)]
#[template(path = "health.html")]
pub struct HealthPage {
    /// The frame.
    pub page: Page,
    /// The group's name.
    pub name: String,
    /// Its page here.
    pub url: String,
    /// The sentence that leads.
    pub lead: String,
    /// One after the other.
    pub parts: Vec<Part>,
    /// What is not shown yet, and what it waits for.
    pub missing: Vec<String>,
    /// What it was counted from, and when.
    pub counted: String,
    /// The ledger as a file.
    pub export: String,
    /// The same figures for programs.
    pub figures: String,
    /// What `commonhold verify` is given.
    pub address: String,
}

/// Sentences about one thing, and what is drawn of it.
#[derive(Debug, Default)]
pub struct Part {
    /// For links and labels.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Plain sentences, what matters most first.
    pub sentences: Vec<String>,
    /// Pictures of it.
    pub figures: Vec<Figure>,
}

/// A picture with its caption.
#[derive(Debug, Default)]
pub struct Figure {
    /// The caption.
    pub title: String,
    /// SVG, made by this node; says in words what it shows.
    pub svg: String,
}
