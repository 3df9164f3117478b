//! The pieces pages are made of: people, posts, threads, groups.
use super::pictured::{Html, Pictured};

/// A point in time, said three ways.
#[derive(Clone, Debug, Default)]
pub struct When {
    /// RFC 3339, for machines.
    pub iso: String,
    /// `3 hours ago`, `12 March`.
    pub words: String,
    /// `12 March 2026, 14:05 UTC`.
    pub full: String,
}

/// A picture of someone, with their initial behind it for when it does not load.
#[derive(Clone, Debug, Default)]
pub struct Avatar {
    /// The address of the picture; may be empty.
    pub url: String,
    /// The letter that stands in for it.
    pub initial: String,
    /// 1 to 6: the colour behind the letter, always the same for the same name.
    pub tint: u8,
    /// Whether it belongs to a group; those have corners.
    pub group: bool,
}

/// A person or a group in one line.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// The name to show.
    pub display: String,
    /// The same with emoji.
    pub pictured: Pictured,
    /// `@ben@elm.example`: always with the server.
    pub handle: String,
    /// The page here.
    pub url: String,
    /// The picture.
    pub avatar: Avatar,
    /// Whether it is an account of the operator.
    pub staff: bool,
    /// Whether it is a program.
    pub bot: bool,
}

impl Person {
    /// The name to show, between tags.
    pub fn name(&self) -> Html {
        self.pictured.or(&self.display)
    }
}

/// A picture in a post.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Its id here.
    pub id: String,
    /// The address of the picture to show.
    pub url: String,
    /// The address of the whole picture.
    pub full: String,
    /// What is to be seen, for those who cannot; may be empty.
    pub description: String,
    /// Width in pixels, 0 if unknown.
    pub width: u32,
    /// Height in pixels, 0 if unknown.
    pub height: u32,
    /// Whether it can be shown as a picture; what is no film or sound either is a link.
    pub is_image: bool,
    /// Whether it is a film, which waits with `url` where there is one.
    pub film: bool,
    /// Whether it is sound.
    pub sound: bool,
}

/// One choice of a poll.
#[derive(Clone, Debug, Default)]
pub struct PollChoice {
    /// Its place, from 0.
    pub index: usize,
    /// What it says.
    pub title: String,
    /// The same with emoji.
    pub pictured: Pictured,
    /// Its share, 0 to 100.
    pub percent: i64,
    /// Whether the reader ticked it.
    pub mine: bool,
}

/// A question with choices.
#[derive(Clone, Debug, Default)]
pub struct Poll {
    /// The choices, in order.
    pub choices: Vec<PollChoice>,
    /// Whether several may be ticked.
    pub multiple: bool,
    /// Whether the reader may vote now; then nobody's votes are shown yet.
    pub open: bool,
    /// Whether votes are shown to nobody before it has closed.
    pub hidden: bool,
    /// `4 people voted`.
    pub voters: String,
    /// `closes in 5 days`; may be empty.
    pub clock: String,
}

/// A line of a profile.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What it is about, plain text.
    pub name: String,
    /// Sanitised HTML.
    pub value: String,
    /// Since when the page it leads to links back, `3 March 2026`; empty where it does not.
    pub linked_since: String,
}

/// What the reader may say about a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThanksChoice {
    /// Nothing: not their thread, or their own reply.
    #[default]
    None,
    /// "This helped me".
    Thank,
    /// Take it back.
    TakeBack,
}

/// What a post quotes, in a box below it.
#[derive(Clone, Debug, Default)]
pub struct Quote {
    /// Why there is nothing to see, as `It was deleted.`; empty where there is.
    pub missing: String,
    /// Its page here.
    pub url: String,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub when: When,
    /// Its title; may be empty.
    pub title: String,
    /// The same with emoji.
    pub title_pictured: Pictured,
    /// The content warning; may be empty.
    pub warning: String,
    /// The same with emoji.
    pub warning_pictured: Pictured,
    /// The text as sanitised HTML.
    pub html: String,
    /// Its language, as a BCP 47 tag; may be empty.
    pub language: String,
    /// How many pictures it has, in words; may be empty.
    pub pictures: String,
}

/// A post as it stands on a page.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own for the template")]
pub struct Post {
    /// Its id here.
    pub id: String,
    /// Its page here.
    pub url: String,
    /// Its page on the server it comes from; empty if that is this one.
    pub original: String,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub when: When,
    /// Its title; may be empty.
    pub title: String,
    /// The same with emoji.
    pub title_pictured: Pictured,
    /// The content warning; may be empty.
    pub warning: String,
    /// The same with emoji.
    pub warning_pictured: Pictured,
    /// The text as sanitised HTML.
    pub html: String,
    /// Its language, as a BCP 47 tag; may be empty.
    pub language: String,
    /// Whether it is written from right to left.
    pub rtl: bool,
    /// Its pictures.
    pub pictures: Vec<Picture>,
    /// Its poll.
    pub poll: Option<Poll>,
    /// What it quotes.
    pub quote: Option<Quote>,
    /// Whether its pictures are shown only when asked for.
    pub sensitive: bool,
    /// Whether it was changed after it was posted.
    pub edited: bool,
    /// How deep it stands in its thread: 0 for the question, 1 for an answer to it.
    pub depth: usize,
    /// Whom it answers, where that is not plain from its place; may be empty.
    pub answer_to: String,
    /// The same with emoji.
    pub answer_to_pictured: Pictured,
    /// The page of the post it answers; may be empty.
    pub answer_to_url: String,
    /// The group it stands in, where the page is not about that group.
    pub group: String,
    /// The same with emoji.
    pub group_pictured: Pictured,
    /// That group's page.
    pub group_url: String,
    /// Whether it helped the author of the thread.
    pub helped: bool,
    /// Whether that mark was set but not counted, and why; may be empty.
    pub not_counted: String,
    /// What the reader may say about it.
    pub thanks: ThanksChoice,
    /// Whether the reader may answer.
    pub answerable: bool,
    /// Whether it is the reader's own.
    pub mine: bool,
    /// Who can read it, where that is not everyone; may be empty.
    pub seen_by: String,
    /// What holds it back elsewhere, as `Waits for Repairs to pass it on`; may be empty.
    pub waits: String,
    /// Who passed it on, in a list where it stands because of that; may be empty.
    pub boosted_by: String,
    /// The same with emoji.
    pub boosted_by_pictured: Pictured,
}

impl Post {
    /// The classes that place it: indented to depth 4, with a mark beyond.
    pub fn place(&self) -> &'static str {
        match self.depth {
            0 => "depth-0",
            1 => "depth-1",
            2 => "depth-2",
            3 => "depth-3",
            4 => "depth-4",
            _ => "depth-4 deeper",
        }
    }
}

/// Whether a thread asks for help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// It seeks help.
    Ask,
    /// Everything else.
    #[default]
    Talk,
}

/// A thread in a list.
#[derive(Clone, Debug, Default)]
pub struct ThreadLine {
    /// Its page.
    pub url: String,
    /// Its title, or how it begins.
    pub title: String,
    /// The same with emoji.
    pub title_pictured: Pictured,
    /// Whether it asks.
    pub kind: Kind,
    /// Who began it.
    pub author: Person,
    /// When it began.
    pub when: When,
    /// How many answers, in words; empty where there is none yet.
    pub answers: String,
    /// Whether it is an ask older than a day without an answer.
    pub waiting_long: bool,
    /// Whether an answer helped.
    pub helped: bool,
    /// The group it stands in, where the page is not about that group; may be empty.
    pub group: String,
    /// The same with emoji.
    pub group_pictured: Pictured,
    /// That group's page.
    pub group_url: String,
}

impl ThreadLine {
    /// Whether it asks for help.
    pub fn is_ask(&self) -> bool {
        self.kind == Kind::Ask
    }
}

/// A group in a list.
#[derive(Clone, Debug, Default)]
pub struct GroupLine {
    /// Its name to show.
    pub name: String,
    /// The same with emoji.
    pub pictured: Pictured,
    /// `@repairs@oak.example`.
    pub handle: String,
    /// Its page.
    pub url: String,
    /// Its picture.
    pub avatar: Avatar,
    /// Why it exists, in its own words.
    pub purpose: String,
    /// `212 members on 9 servers`.
    pub members: String,
    /// Whether only members read it.
    pub private: bool,
    /// The server it lives on; empty where that is this one.
    pub server: String,
    /// Whether the reader is one of them.
    pub joined: bool,
}

/// What a group says about the help in it.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// The sentence, whole.
    pub sentence: String,
    /// A second one about staff or evidence; may be empty.
    pub aside: String,
    /// Whether enough people are active that it may carry a colour.
    pub coloured: bool,
}

/// What is said of a group's ledger.
#[derive(Clone, Debug, Default)]
pub struct LedgerView {
    /// How it contradicts itself; mostly empty.
    pub faults: Vec<FaultLine>,
    /// How long it is, and who watches; empty where there is none.
    pub state: String,
    /// Where it is to be had as a file; empty where that is elsewhere.
    pub export: String,
}

/// A ledger that contradicts itself.
#[derive(Clone, Debug, Default)]
pub struct FaultLine {
    /// The group's name.
    pub group: String,
    /// Its page here.
    pub group_url: String,
    /// How.
    pub why: String,
    /// When that was found.
    pub when: When,
    /// What shows it, as a file.
    pub evidence: String,
}

/// Links to the neighbouring pages of a list.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// The page before; empty if there is none.
    pub newer: String,
    /// The page after; empty if there is none.
    pub older: String,
}
