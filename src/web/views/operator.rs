//! The pages of those who run the node, and of those who look after a group.
use askama::Template;

use super::{FaultLine, Form, Page, Pager, Person, When, pages::SignUp};

/// Somebody who waits to be let in.
#[derive(Clone, Debug, Default)]
pub struct WaitingLine {
    /// Who it will be.
    pub person: Person,
    /// Their name, as it stands in addresses.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Whether they have yet to confirm it.
    pub unconfirmed: bool,
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
    /// `2 questions about staff wait for your answer`; empty where none does.
    pub asked: String,
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

/// `/operator/accounts`
#[derive(Debug, Default, Template)]
#[template(path = "operator_accounts.html")]
pub struct AccountsPage {
    /// The frame.
    pub page: Page,
    /// A link just made, shown this once; may be empty.
    pub link: String,
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

/// An emoji of the node's own.
#[derive(Clone, Debug, Default)]
pub struct EmojiLine {
    /// Without colons.
    pub name: String,
    /// Its picture, without movement.
    pub url: String,
    /// Under which apps show it; may be empty.
    pub category: String,
    /// Whether apps do not offer it.
    pub hidden: bool,
    /// Whether it is shown to nobody.
    pub disabled: bool,
}

/// `/operator/emoji`
#[derive(Debug, Default, Template)]
#[template(path = "operator_emojis.html")]
pub struct EmojisPage {
    /// The frame.
    pub page: Page,
    /// Those of this page, by name.
    pub emojis: Vec<EmojiLine>,
    /// To the next page; may be empty.
    pub next: String,
    /// Whether this is not the first page.
    pub begun: bool,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// Somebody who is declared as staff.
#[derive(Clone, Debug, Default)]
pub struct StaffLine {
    /// Who.
    pub person: Person,
    /// Their address as forms name them: `ben`, `ben@elm.example`.
    pub address: String,
    /// Since when.
    pub since: When,
    /// Who declared them: `Olga`, `the command line`.
    pub by: String,
}

/// A question to the operator: whether somebody is staff.
#[derive(Clone, Debug, Default)]
pub struct QuestionLine {
    /// Its number.
    pub id: String,
    /// About whom.
    pub person: Person,
    /// The group whose members ask.
    pub group: String,
    /// What was done about it, in that group.
    pub log_url: String,
    /// Since when enough ask.
    pub since: When,
    /// `6 December 2026`.
    pub due: String,
    /// `in 13 days`.
    pub left: String,
}

/// `/operator/staff`
#[derive(Debug, Default, Template)]
#[template(path = "operator_staff.html")]
pub struct StaffPage {
    /// The frame.
    pub page: Page,
    /// What waits for an answer, the most urgent first.
    pub questions: Vec<QuestionLine>,
    /// Who runs the node.
    pub operators: Vec<Person>,
    /// Who is declared, the longest first.
    pub staff: Vec<StaffLine>,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// What a steward did.
#[derive(Clone, Debug, Default)]
pub struct ActLine {
    /// Who did it.
    pub by: Person,
    /// `took out a post by`.
    pub what: &'static str,
    /// To whom; nobody where it is not known any more.
    pub person: Option<Person>,
    /// Why; may be empty.
    pub reason: String,
    /// Until when: `6 December 2026`; may be empty.
    pub until: String,
    /// When.
    pub when: When,
}

/// What became of a question to the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answered {
    /// It waits.
    #[default]
    Waits,
    /// The person is staff.
    Staff,
    /// They are not.
    NotStaff,
    /// Nobody answered in time.
    Never,
}

/// A question to the operator, as a group sees it.
#[derive(Clone, Debug, Default)]
pub struct AskedLine {
    /// About whom.
    pub person: Person,
    /// What became of it.
    pub answered: Answered,
    /// Who answered; may be empty.
    pub by: String,
    /// What they say to it; may be empty.
    pub statement: String,
    /// When enough asked, or when it was answered.
    pub when: When,
    /// Until when the operator may answer: `6 December 2026`.
    pub due: String,
}

/// A question that too few ask yet, as voters see it.
#[derive(Clone, Debug, Default)]
pub struct GatheringLine {
    /// Its number.
    pub id: String,
    /// About whom.
    pub person: Person,
    /// Their address as forms name them.
    pub address: String,
    /// `1 of 3`.
    pub count: String,
    /// Whether the reader asks it.
    pub mine: bool,
}

/// `/@group/log`
#[derive(Debug, Default, Template)]
#[template(path = "log.html")]
pub struct LogPage {
    /// The frame.
    pub page: Page,
    /// The group's name.
    pub group: String,
    /// The group's page.
    pub group_url: String,
    /// Whether it lives here: only then is there an operator to ask.
    pub local: bool,
    /// What stewards did, newest first.
    pub acts: Vec<ActLine>,
    /// To older and newer acts.
    pub pager: Pager,
    /// What the operator was asked, newest first.
    pub asked: Vec<AskedLine>,
    /// Whether the reader may ask.
    pub may_ask: bool,
    /// What too few ask yet; only for those who may ask.
    pub gathering: Vec<GatheringLine>,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// `/groups/new`
#[derive(Debug, Default, Template)]
#[template(path = "group_new.html")]
pub struct NewGroupPage {
    /// The frame.
    pub page: Page,
    /// What the address becomes.
    pub address_hint: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
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
