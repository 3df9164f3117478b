//! What stands around every page: head, header, notices, footer.
use super::pieces::Avatar;
use crate::web::assets;

/// What every page has besides its own matter.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The page's own title, without the node's name.
    pub title: String,
    /// One sentence for search engines and link cards; may be empty.
    pub description: String,
    /// The name of this node.
    pub node: String,
    /// The domain of this node.
    pub domain: String,
    /// Who is signed in.
    pub me: Option<Me>,
    /// Goes into every form that changes something; empty for visitors' pages without such forms.
    pub csrf: String,
    /// What happened just before, said once.
    pub flash: Option<Flash>,
    /// The groups in the left column: one's own, or the node's for a visitor.
    pub groups: Vec<NavLink>,
    /// Whether a visitor can join here at all.
    pub joinable: bool,
    /// This page's address within the node, to mark the link that leads to it.
    pub path: String,
    /// The address of the same thing as `ActivityPub`; may be empty.
    pub alternate: String,
    /// Whether search engines are asked to leave this page out.
    pub unlisted: bool,
}

impl Page {
    /// Where the style sheet lies.
    pub fn style(&self) -> &'static str {
        assets::style_path()
    }

    /// Whether this is the page at `path`.
    pub fn is_at(&self, path: &str) -> bool {
        self.path == path
    }
}

/// The member who is signed in.
#[derive(Clone, Debug, Default)]
pub struct Me {
    /// The short name, `ana`.
    pub name: String,
    /// The name to show.
    pub display: String,
    /// The address of the own profile within the node.
    pub url: String,
    /// The picture.
    pub avatar: Avatar,
    /// Whether this member runs the node.
    pub operator: bool,
}

/// A link with its words.
#[derive(Clone, Debug, Default)]
pub struct NavLink {
    /// What it says.
    pub name: String,
    /// Where it leads.
    pub url: String,
}

/// A notice about what was just done.
#[derive(Clone, Debug)]
pub struct Flash {
    /// What kind of news it is.
    pub kind: FlashKind,
    /// The sentence.
    pub text: String,
}

/// The kinds of notice; each has its colour and its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashKind {
    /// It was done.
    Done,
    /// Someone helped or was thanked.
    Help,
    /// It was not done.
    Wrong,
}

impl FlashKind {
    /// The class of the notice.
    pub fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Help => "help",
            Self::Wrong => "wrong",
        }
    }

    /// The icon beside the words.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Done => "check",
            Self::Help => "hand",
            Self::Wrong => "alert",
        }
    }
}
