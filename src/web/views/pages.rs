//! One struct per page, with the template that lays it out.
use askama::Template;

use super::{
    Field, Form, GroupLine, Help, LedgerView, NavLink, Page, Pager, Person, Picture, Pictured,
    Post, ThanksChoice, ThreadLine, When,
};

/// What waits for a member on the front page.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// Whether they are in any group.
    pub in_groups: bool,
    /// Asks in their groups still waiting for a hand.
    pub asks: Vec<ThreadLine>,
    /// The other threads in their groups.
    pub talk: Vec<ThreadLine>,
}

/// `/`
#[derive(Debug, Default, Template)]
#[template(path = "front.html")]
pub struct FrontPage {
    /// The frame.
    pub page: Page,
    /// What this node is for, in one sentence.
    pub purpose: String,
    /// What waits for the member; none for a visitor.
    pub home: Option<Home>,
    /// The groups of this node.
    pub groups: Vec<GroupLine>,
    /// To more groups.
    pub pager: Pager,
}

/// How the reader stands to a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not signed in.
    #[default]
    Visitor,
    /// Signed in, not a member.
    Stranger,
    /// Asked to join, not yet answered.
    Asked,
    /// A member.
    Member,
}

/// `/@name` of a group
#[derive(Debug, Default, Template)]
#[template(path = "group.html")]
pub struct GroupPage {
    /// The frame.
    pub page: Page,
    /// Its name to show.
    pub name: String,
    /// The same with emoji.
    pub pictured: Pictured,
    /// `@repairs@oak.example`.
    pub handle: String,
    /// What stands after `/@` in its address: `repairs`, or `repairs@oak.example` when remote.
    pub address: String,
    /// Its page here.
    pub url: String,
    /// Whether it lives here.
    pub local: bool,
    /// The server it lives on.
    pub server: String,
    /// Its page on that server; empty when local.
    pub original: String,
    /// Why it exists.
    pub purpose: String,
    /// `212 members on 9 servers`.
    pub members: String,
    /// What is said about help; none for a group elsewhere, whose count only its own node knows.
    pub help: Option<Help>,
    /// How it is doing, in a sentence; empty where that is not known here.
    pub health: String,
    /// What is said of its ledger.
    pub ledger: LedgerView,
    /// Whether the reader may see what was done in it.
    pub log: bool,
    /// `The operator is asked about 1 person.`; empty where not.
    pub asked: String,
    /// How the reader stands to it.
    pub standing: Standing,
    /// Whether only members read it.
    pub private: bool,
    /// `2 people ask to join`, for its stewards; empty where nobody does.
    pub asking: String,
    /// Asks still waiting.
    pub asks: Vec<ThreadLine>,
    /// The other threads.
    pub talk: Vec<ThreadLine>,
    /// To older and newer threads.
    pub pager: Pager,
    /// The visitor's address, for "Follow from where you are".
    pub follow_form: Form,
}

/// `/@name/ID`
#[derive(Debug, Default, Template)]
#[template(path = "thread.html")]
pub struct ThreadPage {
    /// The frame.
    pub page: Page,
    /// The group's name; may be empty.
    pub group: String,
    /// The group's page.
    pub group_url: String,
    /// The one h1: the title, or what this is.
    pub heading: String,
    /// Whether the heading is a title that the author gave.
    pub titled: bool,
    /// Whether it asks for help.
    pub is_ask: bool,
    /// The post at the top.
    pub question: Post,
    /// The answers that helped, taken out of the order.
    pub helped: Vec<Post>,
    /// `Replies`, `3 other replies`.
    pub replies_title: String,
    /// The rest, in the order of the tree.
    pub replies: Vec<Post>,
    /// To more replies.
    pub pager: Pager,
    /// Whether the reader may answer.
    pub can_reply: bool,
    /// Why not, where they are signed in and may not.
    pub why_not: String,
    /// Who will see the answer, in words.
    pub reply_hint: String,
    /// The path to come back to after signing in, URL-encoded.
    pub sign_in_next: String,
    /// The thread's address for search on other servers.
    pub address: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// How the reader stands to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Follow {
    /// Not signed in.
    #[default]
    Visitor,
    /// It is themselves.
    Own,
    /// Does not follow.
    No,
    /// Asked to.
    Asked,
    /// Follows.
    Yes,
}

/// `/@name` of a person
#[derive(Debug, Default, Template)]
#[template(path = "profile.html")]
pub struct ProfilePage {
    /// The frame.
    pub page: Page,
    /// Who it is.
    pub person: Person,
    /// Their page here.
    pub url: String,
    /// Their page on their own server; empty when local.
    pub original: String,
    /// What they say about themselves, sanitised HTML.
    pub bio: String,
    /// The lines of their profile.
    pub fields: Vec<Field>,
    /// `here since March 2026`.
    pub since: String,
    /// How the reader stands to them.
    pub follow: Follow,
    /// Their posts, newest first.
    pub posts: Vec<Post>,
    /// To older and newer posts.
    pub pager: Pager,
    /// The visitor's address, for "Follow from where you are".
    pub follow_form: Form,
}

/// `/tags/NAME`
#[derive(Debug, Default, Template)]
#[template(path = "tag.html")]
pub struct TagPage {
    /// The frame.
    pub page: Page,
    /// The word without its #.
    pub tag: String,
    /// Posts under it, newest first.
    pub posts: Vec<Post>,
    /// To older and newer posts.
    pub pager: Pager,
}

/// `/auth/sign_in`
#[derive(Debug, Default, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub page: Page,
    /// The app that waits for it; may be empty.
    pub app: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// How one joins this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignUp {
    /// At once.
    Open,
    /// After someone agreed.
    Approval,
    /// With an invitation.
    Invite,
    /// Not.
    #[default]
    Closed,
}

/// `/auth/sign_up`
#[derive(Debug, Default, Template)]
#[template(path = "sign_up.html")]
pub struct SignUpPage {
    /// The frame.
    pub page: Page,
    /// How one joins.
    pub mode: SignUp,
    /// What the name becomes: `You will be @name@oak.example ..`.
    pub username_hint: String,
    /// The node's rules.
    pub rules: Vec<String>,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// Something to read and one way on.
#[derive(Debug, Default, Template)]
#[template(path = "message.html")]
pub struct MessagePage {
    /// The frame.
    pub page: Page,
    /// The h1.
    pub heading: String,
    /// Paragraphs.
    pub lines: Vec<String>,
    /// Where the button leads; may be empty.
    pub link: String,
    /// What the button says.
    pub link_words: String,
}

/// A question before something is done.
#[derive(Debug, Default, Template)]
#[template(path = "confirm.html")]
pub struct ConfirmPage {
    /// The frame.
    pub page: Page,
    /// The question, as h1.
    pub heading: String,
    /// What will happen.
    pub lines: Vec<String>,
    /// Where the form goes.
    pub action: String,
    /// What the button says.
    pub button: String,
    /// Whether it cannot be undone.
    pub dangerous: bool,
    /// The way back.
    pub back: String,
    /// What the way back says.
    pub back_words: String,
}

/// `/oauth/authorize`
#[derive(Debug, Default, Template)]
#[template(path = "authorize.html")]
pub struct AuthorizePage {
    /// The frame.
    pub page: Page,
    /// The app's own name for itself.
    pub app: String,
    /// The app's own address; may be empty.
    pub website: String,
    /// What it could do, in words.
    pub scopes: Vec<String>,
    /// Where one is taken afterwards, in words.
    pub leads_to: String,
    /// The request, kept through the form.
    pub parameters: Vec<(String, String)>,
    /// Where to sign in as someone else.
    pub other_account: String,
}

/// The code of an app that cannot be redirected to.
#[derive(Debug, Default, Template)]
#[template(path = "code.html")]
pub struct CodePage {
    /// The frame.
    pub page: Page,
    /// The code.
    pub code: String,
}

/// `/new` and `/posts/ID/reply`
#[derive(Debug, Default, Template)]
#[template(path = "compose.html")]
pub struct ComposePage {
    /// The frame.
    pub page: Page,
    /// The h1.
    pub heading: String,
    /// Where the form goes.
    pub action: String,
    /// The post that is answered; none for a new thread.
    pub answers: Option<Post>,
    /// Where one may write: what stands after `/@`, and the name.
    pub groups: Vec<(String, String)>,
    /// What may be written, as a hint under the label.
    pub body_hint: String,
    /// How it will look, sanitised HTML; empty unless asked for.
    pub preview: String,
    /// Whether the rarer fields are open.
    pub more_open: bool,
    /// What the main button says.
    pub button: String,
    /// Who will see this, in words.
    pub seen_by: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// `/posts/ID/edit`
#[derive(Debug, Default, Template)]
#[template(path = "edit.html")]
pub struct EditPage {
    /// The frame.
    pub page: Page,
    /// The post's id.
    pub id: String,
    /// Whether it begins a thread, and so may have a title.
    pub has_title: bool,
    /// What may be written, as a hint under the label.
    pub body_hint: String,
    /// Its pictures; the field of each is `description-ID`.
    pub pictures: Vec<Picture>,
    /// The way back.
    pub back: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

impl EditPage {
    /// What is said about a picture, as it was typed.
    pub fn described(&self, picture: &Picture) -> &str {
        self.form.value(&format!("description-{}", picture.id))
    }
}

/// What a post said at one time.
#[derive(Clone, Debug, Default)]
pub struct EarlierForm {
    /// From when on.
    pub when: When,
    /// Its title; may be empty.
    pub title: String,
    /// Its content warning; may be empty.
    pub warning: String,
    /// Its text, sanitised HTML.
    pub html: String,
}

/// `/posts/ID/history`
#[derive(Debug, Default, Template)]
#[template(path = "history.html")]
pub struct HistoryPage {
    /// The frame.
    pub page: Page,
    /// Who wrote it.
    pub author: Person,
    /// The post's page.
    pub back: String,
    /// What it says now, and said before, newest first.
    pub forms: Vec<EarlierForm>,
}

/// `/search`
#[derive(Debug, Default, Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// The frame.
    pub page: Page,
    /// What was looked for; empty before anything is.
    pub asked: String,
    /// Groups that fit.
    pub groups: Vec<GroupLine>,
    /// People who fit.
    pub people: Vec<Person>,
    /// Posts that fit, newest first.
    pub posts: Vec<Post>,
    /// The posts before and after these.
    pub pager: Pager,
    /// Words that posts stand under.
    pub tags: Vec<String>,
    /// Why the address led nowhere; may be empty.
    pub problem: String,
}

impl SearchPage {
    /// Whether anything was found.
    pub fn found_nothing(&self) -> bool {
        self.groups.is_empty()
            && self.people.is_empty()
            && self.posts.is_empty()
            && self.tags.is_empty()
    }
}

/// `/settings`
#[derive(Debug, Default, Template)]
#[template(path = "settings_profile.html")]
pub struct ProfileSettingsPage {
    /// The frame.
    pub page: Page,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// `/settings/account`
#[derive(Debug, Default, Template)]
#[template(path = "settings_account.html")]
pub struct AccountSettingsPage {
    /// The frame.
    pub page: Page,
    /// The member's own e-mail address.
    pub email: String,
    /// The one they want and have yet to confirm; may be empty.
    pub wanted: String,
    /// Whether the member runs the node, and so cannot just leave it.
    pub operator: bool,
    /// How much room the member's files take, in a sentence.
    pub room: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// One thing a member is told of.
#[derive(Clone, Debug, Default)]
pub struct NewsLine {
    /// Who did it.
    pub person: Person,
    /// What they did, to follow their name.
    pub what: String,
    /// Whether it is thanks.
    pub thanks: bool,
    /// What it is about; may be empty.
    pub title: String,
    /// Where that is; may be empty.
    pub url: String,
    /// When.
    pub when: When,
}

/// `/notifications`
#[derive(Debug, Default, Template)]
#[template(path = "news.html")]
pub struct NewsPage {
    /// The frame.
    pub page: Page,
    /// Who asks to follow.
    pub requests: Vec<Person>,
    /// Where somebody asks to come in whom the reader may let in.
    pub joining: Vec<NavLink>,
    /// Everything else, newest first.
    pub lines: Vec<NewsLine>,
    /// To older and newer news.
    pub pager: Pager,
}

/// `/setup`
#[derive(Debug, Default, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// The frame.
    pub page: Page,
    /// The token of the link.
    pub token: String,
    /// What the name becomes.
    pub username_hint: String,
    /// What was typed, and what is wrong with it.
    pub form: Form,
}

/// `/about`
#[derive(Debug, Default, Template)]
#[template(path = "about.html")]
pub struct AboutPage {
    /// The frame.
    pub page: Page,
    /// What this node is for.
    pub purpose: String,
    /// `12 members, 3 groups`, as a sentence.
    pub counts: String,
    /// Who runs it.
    pub operators: Vec<Person>,
    /// How to reach them; may be empty.
    pub contact: String,
    /// The node's rules.
    pub rules: Vec<String>,
}

/// When something went wrong.
#[derive(Debug, Default, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame.
    pub page: Page,
    /// The h1.
    pub heading: String,
    /// What happened.
    pub what: String,
    /// What to do next; may be empty.
    pub next: String,
    /// Where the button leads; may be empty.
    pub link: String,
    /// What the button says.
    pub link_words: String,
}
