//! A member's own receipts, and what ledgers say of them.
use askama::Template;

use super::{Page, Pager, Person, When};

/// One receipt, for the eyes of one of its two people.
#[derive(Clone, Debug, Default)]
pub struct ReceiptLine {
    /// Its id.
    pub id: String,
    /// When.
    pub when: When,
    /// Whether the reader was the one who helped.
    pub given: bool,
    /// The other person.
    pub other: Person,
    /// The answer that helped; may be empty.
    pub post_url: String,
    /// The group's name.
    pub group: String,
    /// The group's page.
    pub group_url: String,
    /// Why it is not counted, or that it was taken back; may be empty.
    pub note: String,
    /// Whether the reader can still decline it.
    pub declinable: bool,
}

/// What a ledger says of a member.
#[derive(Clone, Debug, Default)]
pub struct LedgerLine {
    /// When it was written.
    pub when: When,
    /// In words.
    pub words: String,
    /// Which entry.
    pub entry: u64,
    /// The group.
    pub group: String,
    /// Its page.
    pub group_url: String,
}

/// A group in which a member may be forgotten.
#[derive(Clone, Debug, Default)]
pub struct ForgetLine {
    /// Its name.
    pub name: String,
    /// Its page.
    pub url: String,
    /// Where to ask for it.
    pub action: String,
}

/// `/settings/help`
#[derive(Debug, Default, Template)]
#[template(path = "settings_help.html")]
pub struct HelpSettingsPage {
    /// The frame.
    pub page: Page,
    /// The member's receipts, newest first.
    pub receipts: Vec<ReceiptLine>,
    /// What ledgers say beside these.
    pub ledger_lines: Vec<LedgerLine>,
    /// The groups whose ledgers name the member.
    pub groups: Vec<ForgetLine>,
    /// Whether the member is left out of counts.
    pub opted_out: bool,
    /// To older and newer receipts.
    pub pager: Pager,
}
