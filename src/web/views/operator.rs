//! The pages of those who run the node, and of those who look after a group.
use askama::Template;

use super::{FaultLine, Form, Page, Person, When, pages::SignUp};

/// Somebody who waits to be let in.
#[derive(Clone, Debug, Default)]
pub struct WaitingLine {
    /// Who it will be.
    pub person: Person,
    /// Their name, as it stands in addresses.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// What they say about themselves; may be empty.
    pub reason: String,
    /// Since when they wait.
    pub when: When,
}

/// `/operator`
#[derive(Debug, Default, Template)]
#[template(path = "operator.html")]
pub struct OperatorPage {
    /// The frame.
    pub page: Page,
    /// How one joins.
    pub mode: SignUp,
    /// Who waits, longest first.
    pub waiting: Vec<WaitingLine>,
    /// Whether more wait than are shown.
    pub more: bool,
}

/// An invite that still holds.
#[derive(Clone, Debug, Default)]
pub struct InviteLine {
    /// The beginning of its hash.
    pub id: String,
    /// Who made it.
    pub by: Person,
    /// When.
    pub when: When,
    /// `3 people`.
    pub left: String,
    /// `in 6 days`.
    pub ends: String,
}

/// `/operator/invites`
#[derive(Debug, Default, Template)]
#[template(path = "operator_invites.html")]
pub struct InvitesPage {
    /// The frame.
    pub page: Page,
    /// How one joins.
    pub mode: SignUp,
    /// The link of an invite just made, shown this once; may be empty.
    pub link: String,
    /// Invites that still hold.
    pub invites: Vec<InviteLine>,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// How things stand with another server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerState {
    /// Nothing was sent there yet.
    #[default]
    New,
    /// It takes what is sent.
    Well,
    /// It has not answered lately.
    Failing,
    /// It has not answered for so long that nothing new is kept for it.
    Dead,
    /// Nothing is taken from it, nothing sent to it.
    Blocked,
}

/// Another server, as the operator sees it.
#[derive(Clone, Debug, Default)]
pub struct ServerLine {
    /// Its name.
    pub host: String,
    /// `mastodon 4.5.1`; may be empty.
    pub software: String,
    /// How things stand with it.
    pub state: ServerState,
    /// Whether its people show only to those who follow them.
    pub limited: bool,
    /// Since when it fails.
    pub since: When,
    /// When it is tried again; may be empty.
    pub next_try: String,
    /// When something last arrived there.
    pub last_success: Option<When>,
    /// How much waits for it: `12`.
    pub waiting: String,
    /// Why the last delivery did not arrive; may be empty.
    pub last_error: String,
}

/// `/operator/servers`
#[derive(Debug, Default, Template)]
#[template(path = "operator_servers.html")]
pub struct ServersPage {
    /// The frame.
    pub page: Page,
    /// Ledgers of groups elsewhere that contradict themselves.
    pub faults: Vec<FaultLine>,
    /// `Connected with 212 servers.`
    pub summary: String,
    /// The servers of this page, by name.
    pub servers: Vec<ServerLine>,
    /// Whether only those with trouble are shown.
    pub trouble: bool,
    /// To the next page; may be empty.
    pub next: String,
    /// Whether this is not the first page.
    pub begun: bool,
}

/// `/@group/requests`
#[derive(Debug, Default, Template)]
#[template(path = "requests.html")]
pub struct RequestsPage {
    /// The frame.
    pub page: Page,
    /// The group's name.
    pub group: String,
    /// The group's page.
    pub group_url: String,
    /// Who asks to join, newest first.
    pub people: Vec<Person>,
    /// Whether more ask than are shown.
    pub more: bool,
}
