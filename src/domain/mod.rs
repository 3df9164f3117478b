//! The rules of the community: plain functions on a transaction. No HTTP, no JSON, no clock.
pub mod account_links;
pub mod account_news;
pub mod actors;
pub mod announcements;
pub mod conversations;
pub mod emojis;
pub mod field_links;
pub mod filters;
pub mod follows;
pub mod groups;
pub mod help;
pub mod ledger;
pub mod letters;
pub mod lists;
pub mod media;
pub mod members;
pub mod moderation;
pub mod moves;
pub mod notices;
pub mod oauth;
pub mod polls;
pub mod posts;
pub mod pushes;
pub mod quotes;
pub mod reactions;
pub mod relations;
pub mod replies;
pub mod scheduled;
pub mod search;
pub mod second_step;
pub mod servers;
pub mod sessions;
pub mod sign_ups;
pub mod staff;
pub mod standing;
pub mod submissions;
pub mod summaries;
pub mod tags;
pub mod threads;
pub mod tries;
mod tx;
pub mod weeks;

use url::Url;

use crate::{
    db::{
        actors::{Actor, ActorKeys},
        conversations::Conversation,
        follows::Follow,
        notifications::Notification,
        petitions::Petition,
        posts::Post,
        quotes::Stamp,
        reactions::Like,
        receipts::Receipt,
        reports::Report,
        submissions::Submission,
    },
    error::Result,
    types::{ActorId, AnnouncementId, PostId, ScheduledId, SignUp, Time, Uri},
};

pub use tx::Tx;

/// What the rules need to know of the node they hold on.
#[derive(Clone, Debug)]
pub struct Node {
    /// Scheme, host and port of every local id.
    pub origin: Url,
    /// The part after the @ of local handles.
    pub domain: String,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// R4's default for new groups, days.
    pub min_account_age_days: i32,
    /// Longest post, in characters as clients count them.
    pub max_post_chars: usize,
    /// Most files of a post.
    pub max_attachments: usize,
    /// Bytes that all files of one member may have together; `None`: any.
    pub quota_bytes: Option<i64>,
    /// Flood, duplicate and new-account rules hold.
    pub limits: bool,
    /// Letters are sent.
    pub mail: bool,
    /// Who signs up may act once their e-mail address is confirmed.
    pub confirm_email: bool,
}

impl Node {
    /// A local URL: `origin` and a path without a leading slash.
    ///
    /// # Errors
    /// When the path is none.
    pub fn uri(&self, path: &str) -> Result<Uri> {
        Ok(Uri(self.origin.join(path)?))
    }

    /// The same as text.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Whether an id is one that only this node can give.
    pub fn owns(&self, uri: &Uri) -> bool {
        uri.0.origin() == self.origin.origin()
    }
}

/// Something that happened. `effects` says what follows from it, `hub` who hears of it.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A follow was asked for, or is there at once; `request` is the Follow as it came from elsewhere.
    Followed {
        /// The follow.
        follow: Follow,
        /// The Follow activity, JSON, where the follower is remote.
        request: Option<String>,
    },
    /// A follow that nobody answered was asked for anew.
    FollowRepeated {
        /// The follow, with the id of the new request.
        follow: Follow,
    },
    /// A waiting follow was let in by the followed.
    FollowAccepted {
        /// The follow, accepted.
        follow: Follow,
    },
    /// The followed said no, or ended it.
    FollowRejected {
        /// The follow, gone.
        follow: Follow,
    },
    /// The follower ended it.
    Unfollowed {
        /// The follow, gone.
        follow: Follow,
    },
    /// A post is there; `received` is the activity that brought it, as it came.
    Posted {
        /// The post.
        post: Post,
        /// Who wrote it.
        author: Box<Actor>,
        /// JSON of the Create, where it came from elsewhere and may be passed on.
        received: Option<String>,
        /// It came long after it was written: nobody is notified.
        backfill: bool,
    },
    /// The activity that makes a post came after the post was looked up.
    CreateCame {
        /// The post.
        post: Box<Post>,
        /// The activity, JSON.
        received: String,
    },
    /// A post changed.
    Edited {
        /// The post as it is now.
        post: Post,
        /// Who wrote it.
        author: Box<Actor>,
        /// JSON of the Update, where it came from elsewhere.
        received: Option<String>,
    },
    /// A post is gone.
    Deleted {
        /// The post as it was.
        post: Post,
        /// Who wrote it.
        author: Box<Actor>,
        /// Whom it mentioned, and who wrote what it quoted.
        mentioned: Vec<ActorId>,
        /// The boosts that went with it.
        boosts: Vec<Post>,
        /// JSON of the Delete, where it came from elsewhere.
        received: Option<String>,
    },
    /// Somebody passes a post on.
    Boosted {
        /// The boost.
        boost: Post,
        /// Who boosts.
        booster: Box<Actor>,
        /// What is boosted.
        original: Box<Post>,
    },
    /// A boost was taken back.
    Unboosted {
        /// The boost as it was.
        boost: Post,
        /// What was boosted.
        original: Box<Post>,
    },
    /// Somebody likes a post, or reacts to it.
    Liked {
        /// The like.
        like: Like,
        /// What is liked.
        post: Box<Post>,
        /// JSON of the Like, where it came from elsewhere.
        received: Option<String>,
    },
    /// A like was taken back.
    Unliked {
        /// The like as it was.
        like: Like,
        /// What was liked.
        post: Box<Post>,
        /// JSON of the Undo, where it came from elsewhere.
        received: Option<String>,
    },
    /// A receiver said that a helper helped, counted or not.
    Thanked {
        /// The receipt.
        receipt: Receipt,
        /// What the receiver signed, if they did elsewhere.
        stamp: Option<ledger::Stamp>,
    },
    /// A member wants to be forgotten in a group, which they have left.
    ForgetAsked {
        /// Who.
        person: ActorId,
        /// Where.
        group: Box<Actor>,
    },
    /// A receipt was taken back.
    ThanksUndone {
        /// The receipt.
        receipt: Receipt,
    },
    /// A helper wants a receipt not to be counted.
    Declined {
        /// The receipt.
        receipt: Receipt,
    },
    /// A member wants to be left out of counts, or no longer; or is shown as a program, or no longer.
    CountedOtherwise {
        /// Who.
        actor: ActorId,
    },
    /// A group will sum up the month that goes on.
    SummaryPlanned {
        /// Which group.
        group: ActorId,
        /// When.
        at: Time,
    },
    /// Voters of a group ask whether somebody is staff, or the operator answered that, or their time is
    /// over.
    PetitionCame {
        /// The petition, as far as it came.
        petition: Box<Petition>,
    },
    /// Somebody voted in a poll.
    Voted {
        /// Who.
        voter: ActorId,
        /// The post that asks.
        post: Box<Post>,
        /// What was ticked, as titles.
        choices: Vec<String>,
    },
    /// A local poll is over.
    PollEnded {
        /// The post that asks.
        post: Post,
        /// Who asked.
        author: Box<Actor>,
    },
    /// What is said about a file of a post was changed.
    FileDescribed {
        /// The post it hangs on.
        post: Post,
    },
    /// Pictures of a profile that nothing shows any more.
    PicturesDropped {
        /// Their paths under the media folder.
        paths: Vec<String>,
    },
    /// A page that a profile leads to is to be read.
    LinkDue {
        /// Whose profile it is in.
        actor: ActorId,
        /// Its address.
        link: String,
        /// When it is to be read.
        due: Time,
    },
    /// A local actor shows itself differently.
    ProfileChanged {
        /// The actor as it is now.
        actor: Box<Actor>,
    },
    /// A local actor signs with another key from now on.
    KeysReplaced {
        /// The actor as it is now.
        actor: Box<Actor>,
        /// The keys it had.
        former: Box<ActorKeys>,
    },
    /// A local actor is gone for good.
    ActorDeleted {
        /// The actor as it was.
        actor: Box<Actor>,
    },
    /// A member blocks somebody.
    Blocked {
        /// Who.
        actor: ActorId,
        /// Whom.
        target: ActorId,
        /// Or no longer.
        undone: bool,
    },
    /// A thread that began elsewhere was not looked through for a while.
    ThreadStale {
        /// The post that begins it.
        thread: PostId,
    },
    /// What is known of somebody elsewhere was not read for a day.
    ActorStale {
        /// Who.
        actor: ActorId,
    },
    /// A post of a member waits for somebody elsewhere to let it in.
    Submitted {
        /// Which, and for whom.
        submission: Submission,
    },
    /// Whether such a post is let in is said, or will never be.
    Settled {
        /// What became of it.
        submission: Submission,
        /// The post.
        post: Post,
    },
    /// A steward did something in a group.
    Moderated {
        /// What.
        act: Box<moderation::Act>,
    },
    /// A ban that was told to a group elsewhere does not hold there, nor here.
    BanRefused {
        /// From which group.
        group: ActorId,
        /// Id of its activity.
        ban: String,
    },
    /// Somebody reports somebody.
    Reported {
        /// The report.
        report: Report,
        /// Who is reported.
        target: Box<Actor>,
        /// About what.
        posts: Vec<Post>,
    },
    /// Somebody votes a post down, or no longer.
    Disliked {
        /// Who.
        actor: ActorId,
        /// Names the vote.
        id: i64,
        /// What.
        post: Box<Post>,
        /// Or no longer.
        undone: bool,
        /// JSON of the activity, where it came from elsewhere.
        received: Option<String>,
    },
    /// Somebody says of a reply that it answers, or no longer.
    Chosen {
        /// Who: the thread's author or a steward.
        by: Box<Actor>,
        /// The reply.
        reply: Box<Post>,
        /// Or no longer.
        undone: bool,
        /// JSON of the activity, where it came from elsewhere.
        received: Option<String>,
    },
    /// Somebody went to another account.
    Moved {
        /// Where they were.
        old: Box<Actor>,
        /// Where they are.
        new: Box<Actor>,
    },
    /// A member said anew who may quote a post.
    QuotersChanged {
        /// The post.
        post: Box<Post>,
        /// Who wrote it.
        author: Box<Actor>,
    },
    /// A member here asks who wrote something elsewhere to let them quote it.
    QuoteAsked {
        /// The post that quotes.
        post: Box<Post>,
        /// What it quotes.
        quoted: Box<Post>,
    },
    /// A post of a member is quoted, as its author lets others do.
    Quoted {
        /// The post that quotes.
        post: Box<Post>,
        /// What it quotes.
        quoted: Box<Post>,
    },
    /// Whether a post may show what it quotes is another matter than before.
    QuoteSettled {
        /// The post that quotes.
        post: Box<Post>,
    },
    /// A member took a post out of another that quotes it.
    QuoteRevoked {
        /// The permission that was given, where there was one.
        stamp: Option<Stamp>,
        /// The member's post.
        quoted: Box<Post>,
        /// The member.
        author: Box<Actor>,
        /// The post that quotes.
        post: Box<Post>,
    },
    /// Who asked to quote or to answer a post gets an answer.
    RequestAnswered {
        /// The address of the permission; none is a no.
        permission: Option<Uri>,
        /// Who wrote the post.
        author: Box<Actor>,
        /// Who asked.
        asker: Box<Actor>,
        /// JSON of the request.
        request: String,
    },
    /// A letter to a member is due, by mail.
    LetterDue {
        /// Which.
        letter: letters::Letter,
    },
    /// Apps act for somebody no longer: one of them, or all.
    AppsSignedOut {
        /// For whom.
        actor: ActorId,
    },
    /// A member was told of something.
    Notified {
        /// Of what.
        notification: Notification,
    },
    /// A member lets through what waited of somebody.
    NoticesMerged {
        /// Who.
        member: ActorId,
    },
    /// A member looks for other things than before that they do not want to see.
    FiltersChanged {
        /// Who.
        owner: ActorId,
    },
    /// A direct message came to a member, or one of theirs went out.
    Conversed {
        /// Their view of it.
        conversation: Conversation,
    },
    /// A member planned a post.
    Planned {
        /// Which.
        scheduled: ScheduledId,
        /// When it goes out.
        due_at: Time,
    },
    /// The operator tells every member something, or no longer.
    Announced {
        /// What.
        announcement: AnnouncementId,
        /// Or no longer.
        gone: bool,
    },
    /// Somebody reacted to an announcement, or no longer.
    AnnouncementReacted {
        /// To which.
        announcement: AnnouncementId,
        /// How.
        name: String,
    },
}
