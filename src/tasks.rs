//! Work that outlives a request: what there is to do. `worker` does it.
//!
//! Deliveries have a table of their own, since their order within a host matters.
use serde::{Deserialize, Serialize};

use crate::{
    db::{self, jobs::Job},
    domain::{Tx, letters::Letter},
    error::{Error, Result},
    types::{
        ActivityId, ActorId, FollowId, JobId, MediaId, PetitionId, PostId, ScheduledId, Time, Uri,
    },
};

/// Everything that can wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Act on a stored activity that arrived.
    Receive {
        /// Which.
        activity: ActivityId,
    },
    /// Find out what a server runs.
    LearnServer {
        /// Its host, with a port where it has one.
        host: String,
    },
    /// Read a remote post, and what it answers, from where it lives.
    FetchPost {
        /// Its id.
        uri: Uri,
    },
    /// Ask anew for a follow that nobody answered.
    AskAgain {
        /// Which.
        follow: FollowId,
        /// The how many-th time it is asked for after the first: 1, 2.
        time: u8,
    },
    /// Say of a post that nobody elsewhere let it in, unless somebody did.
    Doubt {
        /// Which.
        post: PostId,
        /// Who was to judge.
        judge: ActorId,
    },
    /// Read what is missing of a thread that began elsewhere.
    LookThrough {
        /// The post that begins it.
        thread: PostId,
    },
    /// Read anew what somebody elsewhere says of themselves.
    RefreshActor {
        /// Who.
        actor: ActorId,
    },
    /// Read a page that somebody's profile leads to: does it link back?
    ReadLink {
        /// Whose profile.
        actor: ActorId,
        /// The page's address.
        link: String,
        /// The time it was due at: so each time is a task of its own.
        due: Time,
    },
    /// Read who moderates a group elsewhere and what it shows first.
    ReadLists {
        /// Which.
        group: ActorId,
    },
    /// Compute anew how a group is doing.
    Health {
        /// Which.
        group: ActorId,
    },
    /// Look at the ledger of a group elsewhere.
    Witness {
        /// Whose.
        group: ActorId,
    },
    /// Agree with an actor's server on who follows it from here.
    CompareFollowers {
        /// Whom they follow.
        actor: ActorId,
        /// Where its server lists them.
        url: Uri,
    },
    /// Erase what a local actor that is gone leaves behind.
    EraseActor {
        /// Which.
        actor: ActorId,
    },
    /// Take what a banned person wrote out of a group.
    HidePosts {
        /// Of which group.
        group: ActorId,
        /// Whose.
        person: ActorId,
    },
    /// Put back what went with a ban that does not hold.
    ShowPosts {
        /// In which group.
        group: ActorId,
        /// Id of the ban's activity.
        ban: String,
    },
    /// Let local followers of one account follow another instead.
    MoveFollowers {
        /// Whom they follow.
        from: ActorId,
        /// Whom they will follow.
        to: ActorId,
    },
    /// Act on the end of a poll.
    ClosePoll {
        /// The post that asks.
        post: PostId,
    },
    /// A group sums up its last month, if it still wants to.
    Summarize {
        /// Which.
        group: ActorId,
        /// When it was to be done: so each month is a task of its own.
        due: Time,
    },
    /// The time of a petition is over, unless it went on or was answered.
    EndPetition {
        /// Which.
        petition: PetitionId,
        /// The operator's time, and not the time of those who ask.
        standing: bool,
    },
    /// A planned post goes out, unless it was put off.
    SendScheduled {
        /// Which.
        scheduled: ScheduledId,
        /// The time it was planned for: so each time is a task of its own.
        due: Time,
    },
    /// Keep the words of posts that were here before words were kept.
    KeepWords {
        /// Of those older than this.
        below: PostId,
    },
    /// Take the files of media away that no row names any more.
    DeleteFiles {
        /// Their paths under the media folder.
        paths: Vec<String>,
    },
    /// Send a letter by mail.
    SendLetter {
        /// Which.
        letter: Letter,
    },
    /// Work on a file that was uploaded.
    FinishUpload {
        /// Which.
        media: MediaId,
    },
    /// Forget copies of files of other servers that are old, or more than there is room for.
    TrimCopies,
    /// Forget what has had its time; once an hour.
    Sweep,
}

/// Something to do as soon as the change is stored. What is to be done already is not done twice.
///
/// # Errors
/// `Internal` from the database.
pub fn enqueue(tx: &mut Tx, task: &Task) -> Result<()> {
    let now = tx.now();
    enqueue_at(tx, task, now)
}

/// Every ledger elsewhere that is followed from here is looked at soon; says how many.
///
/// # Errors
/// `Internal` from the database.
pub fn look_at_ledgers(tx: &mut Tx) -> Result<usize> {
    let groups = db::witnesses::to_follow(tx)?;
    for group in &groups {
        enqueue(tx, &Task::Witness { group: *group })?;
    }
    Ok(groups.len())
}

/// Something to do, not before `due_at`.
///
/// # Errors
/// `Internal` from the database.
pub fn enqueue_at(tx: &mut Tx, task: &Task, due_at: Time) -> Result<()> {
    let text = serde_json::to_string(task).map_err(Error::internal)?;
    let job = Job {
        id: JobId(tx.new_id()),
        dedup: text.clone(),
        task: text,
        attempts: 0,
        due_at,
        last_error: String::new(),
    };
    db::jobs::insert(tx, &job)?;
    tx.rouse();
    Ok(())
}
