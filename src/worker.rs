//! Does the tasks and the deliveries until the process ends.
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::{
    sync::watch,
    task::{Id, JoinSet},
};

use crate::{
    app::App,
    db::{self, jobs::Job, media::Media},
    domain::{self, moderation, moves},
    error::{Error, Result},
    federation, mail, push,
    tasks::{self, Task},
    types::{ActorId, PostId, ScheduledId, Time},
};

/// How long a begun task is hidden from other workers, seconds.
const LEASE_SECS: i64 = 60;
/// A task that failed so often is given up.
const MAX_ATTEMPTS: i32 = 12;
/// How often work that other processes left is looked for.
const IDLE: Duration = Duration::from_secs(1);
/// How often this process says that it still makes ids.
const KEEP_LEASE: Duration = Duration::from_secs(30);
/// Exit code of a process that lost its share of ids.
const LOST_SHARE: i32 = 4;
/// How often what has had its time is forgotten.
const SWEEP: Duration = Duration::from_hours(1);
/// How long tasks under way may take to end when the process is to end.
const GRACE: Duration = Duration::from_secs(8);

/// Works until `stop` turns true, then lets what is under way end.
pub async fn work(app: App, stop: watch::Receiver<bool>) {
    tokio::join!(
        by_host(app.clone(), Line::Deliveries, stop.clone()),
        by_host(app.clone(), Line::Pushes, stop.clone()),
        jobs(app.clone(), stop.clone()),
        keep_lease(app.clone(), stop.clone()),
        witness(app.clone(), stop.clone()),
        sweep(app, stop),
    );
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can say stop any more, which says it too.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What waits for hosts.
#[derive(Clone, Copy)]
enum Line {
    /// Activities, for other servers.
    Deliveries,
    /// Notifications, for push services.
    Pushes,
}

impl Line {
    /// How many hosts are called at the same time.
    fn most(self, app: &App) -> usize {
        match self {
            Self::Deliveries => app.config().max_deliveries_in_flight,
            Self::Pushes => push::HOSTS_AT_ONCE,
        }
    }

    async fn due_hosts(self, app: &App, busy: Vec<String>, room: usize) -> Result<Vec<String>> {
        if room == 0 {
            return Ok(Vec::new());
        }
        let (now, room) = (app.now(), i64::try_from(room).unwrap_or(i64::MAX));
        app.read(move |conn| match self {
            Self::Deliveries => Ok(db::deliveries::due_hosts(conn, now, &busy, room)?),
            Self::Pushes => Ok(db::pushes::due_hosts(conn, now, &busy, room)?),
        })
        .await
    }

    async fn send(self, app: &App, host: &str) -> Result<()> {
        match self {
            Self::Deliveries => federation::deliver::to_host(app, host).await,
            Self::Pushes => push::to_host(app, host).await,
        }
    }
}

/// One task per host with something to send, as many at once as there may be.
async fn by_host(app: App, line: Line, mut stop: watch::Receiver<bool>) {
    let most = line.most(&app);
    let mut under_way: JoinSet<()> = JoinSet::new();
    let mut hosts: BTreeMap<Id, String> = BTreeMap::new();
    let mut look = true;
    loop {
        let arrives = app.work();
        tokio::pin!(arrives);
        arrives.as_mut().enable();
        let busy: Vec<String> = hosts.values().cloned().collect();
        let room = if look { most.saturating_sub(busy.len()) } else { 0 };
        look = true;
        match line.due_hosts(&app, busy, room).await {
            Ok(due) => {
                for host in due {
                    let (app, name) = (app.clone(), host.clone());
                    let task = under_way.spawn(async move {
                        if let Err(error) = line.send(&app, &name).await {
                            tracing::error!(cause = %error.cause(), host = name, "sending");
                            // Not at once again: what is broken here is not mended by haste.
                            tokio::time::sleep(IDLE).await;
                        }
                    });
                    hosts.insert(task.id(), host);
                }
            }
            Err(error) => {
                tracing::error!(cause = %error.cause(), "looking for what is to be sent");
                tokio::time::sleep(IDLE).await;
            }
        }
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(ended) = under_way.join_next_with_id() => {
                let id = match &ended {
                    Ok((id, ())) => *id,
                    Err(error) => error.id(),
                };
                hosts.remove(&id);
                // Where many hosts wait, one look fills several places.
                look = hosts.len() * 4 <= most * 3;
            }
            () = &mut arrives => {}
            () = tokio::time::sleep(IDLE) => {}
        }
    }
    // What is not done by then is sent after the next start.
    let _ =
        tokio::time::timeout(GRACE, async { while under_way.join_next().await.is_some() {} }).await;
}

/// Takes due tasks and does them side by side.
async fn jobs(app: App, mut stop: watch::Receiver<bool>) {
    let most = app.config().task_workers.max(1);
    let mut under_way: JoinSet<()> = JoinSet::new();
    loop {
        let arrives = app.work();
        tokio::pin!(arrives);
        arrives.as_mut().enable();
        let room = most.saturating_sub(under_way.len());
        let claimed = match claim(&app, room).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::error!(cause = %error.cause(), "looking for tasks");
                tokio::time::sleep(IDLE).await;
                Vec::new()
            }
        };
        let more = !claimed.is_empty() && claimed.len() == room;
        for job in claimed {
            under_way.spawn(run(app.clone(), job));
        }
        if more && under_way.len() < most {
            continue;
        }
        tokio::select! {
            () = stopped(&mut stop) => break,
            Some(_) = under_way.join_next() => {}
            () = &mut arrives => {}
            () = tokio::time::sleep(IDLE) => {}
        }
    }
    let _ =
        tokio::time::timeout(GRACE, async { while under_way.join_next().await.is_some() {} }).await;
}

async fn claim(app: &App, room: usize) -> Result<Vec<Job>> {
    let limit = i64::try_from(room).unwrap_or(i64::MAX);
    let now = app.now();
    // Most of the time nothing is due, and then nothing is to be written.
    let due = app.read(move |conn| Ok(db::jobs::is_due(conn, now)?)).await?;
    if room == 0 || !due {
        return Ok(Vec::new());
    }
    app.write(move |tx| {
        let now = tx.now();
        Ok(db::jobs::claim(tx, now, now.plus_secs(LEASE_SECS), limit)?)
    })
    .await
}

async fn run(app: App, job: Job) {
    let outcome = match serde_json::from_str::<Task>(&job.task) {
        Ok(task) => perform(&app, task).await,
        Err(error) => Err(Error::Malformed(format!("a task of another version: {error}"))),
    };
    if let Err(error) = note(&app, job, outcome).await {
        // Its lease runs out, and it is done again.
        tracing::error!(cause = %error.cause(), "writing down what became of a task");
    }
}

/// Writes down what became of a task, and only then says so: who reads the log can rely on it.
async fn note(app: &App, job: Job, outcome: Result<()>) -> Result<()> {
    let Err(error) = outcome else {
        return app.write(move |tx| Ok(db::jobs::delete(tx, job.id).map(drop)?)).await;
    };
    let cause = error.cause().to_string();
    let may_pass = matches!(error, Error::Internal(_) | Error::Unreachable(_) | Error::TooMany(_));
    if may_pass && job.attempts + 1 < MAX_ATTEMPTS {
        let (id, attempts, why) = (job.id, job.attempts, cause.clone());
        app.write(move |tx| {
            let until = tx.now().plus_secs(backoff_secs(attempts));
            Ok(db::jobs::postpone(tx, id, until, &why).map(drop)?)
        })
        .await?;
        tracing::warn!(cause, task = job.task, "a task failed and will be tried again");
    } else {
        app.write(move |tx| Ok(db::jobs::delete(tx, job.id).map(drop)?)).await?;
        tracing::info!(cause, task = job.task, "a task was given up");
    }
    Ok(())
}

/// Seconds to wait after a number of failures: 2, 8, 32 .. at most six hours.
fn backoff_secs(attempts: i32) -> i64 {
    let exponent = u32::try_from(attempts.clamp(0, 10)).unwrap_or(0);
    2_i64.saturating_mul(4_i64.saturating_pow(exponent)).min(21_600)
}

async fn perform(app: &App, task: Task) -> Result<()> {
    match task {
        Task::Receive { activity } => federation::work::receive(app, activity).await,
        Task::LearnServer { host } => federation::work::learn_server(app, &host).await,
        Task::FetchPost { uri } => federation::work::fetch_post(app, &uri).await,
        Task::AskAgain { follow, time } => {
            app.write(move |tx| domain::follows::ask_again(tx, follow, time)).await
        }
        Task::Doubt { post, judge } => {
            app.write(move |tx| domain::submissions::doubt(tx, judge, post)).await
        }
        Task::LookThrough { thread } => federation::work::look_through(app, thread).await,
        Task::RefreshActor { actor } => federation::work::refresh_actor(app, actor).await,
        Task::ReadLink { actor, link, due: _ } => {
            federation::work::read_link(app, actor, &link).await
        }
        Task::ReadLists { group } => federation::work::read_lists(app, group).await,
        Task::Health { group } => app.compute_health(group).await.map(drop),
        Task::Witness { group } => federation::work::witness(app, group).await,
        Task::CompareFollowers { actor, url } => {
            federation::work::compare_followers(app, actor, &url).await
        }
        Task::EraseActor { actor } => erase_actor(app, actor).await,
        Task::HidePosts { group, person } => hide_posts(app, group, person).await,
        Task::ShowPosts { group, ban } => show_posts(app, group, ban).await,
        Task::MoveFollowers { from, to } => move_followers(app, from, to).await,
        Task::ClosePoll { post } => app.write(move |tx| domain::polls::close(tx, post)).await,
        Task::Summarize { group, due: _ } => summarize(app, group).await,
        Task::EndPetition { petition, standing } => {
            app.write(move |tx| domain::staff::end(tx, petition, standing)).await
        }
        Task::SendScheduled { scheduled, due } => send_scheduled(app, scheduled, due).await,
        Task::KeepWords { below } => keep_words(app, below).await,
        Task::SendLetter { letter } => mail::send(app, letter).await,
        Task::DeleteFiles { paths } => app.delete_files(&paths).await,
        Task::FinishUpload { media } => app.finish_upload(media).await,
        Task::TrimCopies => app.trim_copies().await,
        Task::Sweep => sweep_once(app).await,
    }
}

/// How the group is doing leads its summary; where that cannot be said the sums alone go out.
async fn summarize(app: &App, group: ActorId) -> Result<()> {
    let lead = match app.compute_health(group).await {
        Ok(report) => report.lead(),
        Err(error) => {
            tracing::error!(cause = %error.cause(), group.id = %group, "computing how a group is doing");
            None
        }
    };
    app.write(move |tx| domain::summaries::publish(tx, group, lead.as_ref())).await.map(drop)
}

/// What cannot go out any more, for what it is, stays with its author, who sees why.
async fn send_scheduled(app: &App, id: ScheduledId, due: Time) -> Result<()> {
    match app.write(move |tx| domain::scheduled::send(tx, id, due)).await {
        Err(error @ (Error::Internal(_) | Error::Unreachable(_) | Error::TooMany(_))) => Err(error),
        Err(error) => {
            let problem = error.cause().to_string();
            app.write(move |tx| domain::scheduled::failed(tx, id, due, problem)).await
        }
        Ok(()) => Ok(()),
    }
}

async fn erase_actor(app: &App, actor: ActorId) -> Result<()> {
    app.write(move |tx| domain::actors::erase_traces(tx, actor)).await
}

/// A piece at a time, so that nobody waits.
async fn hide_posts(app: &App, group: ActorId, person: ActorId) -> Result<()> {
    let piece = move || app.write(move |tx| moderation::hide_posts_of_banned(tx, group, person));
    while piece().await? {}
    Ok(())
}

/// As [`hide_posts`].
async fn show_posts(app: &App, group: ActorId, ban: String) -> Result<()> {
    let piece = || {
        let ban = ban.clone();
        app.write(move |tx| moderation::show_posts_of_banned(tx, group, &ban))
    };
    while piece().await? {}
    Ok(())
}

/// As [`hide_posts`].
async fn move_followers(app: &App, from: ActorId, to: ActorId) -> Result<()> {
    let piece = move || app.write(move |tx| moves::move_followers(tx, from, to));
    while piece().await? {}
    Ok(())
}

/// Pieces of old posts in one task, so that none is hidden from other workers for longer than its
/// lease.
const PIECES: usize = 20;

/// A piece at a time; what is left is another task, which begins where this one is.
async fn keep_words(app: &App, below: PostId) -> Result<()> {
    let mut below = below;
    for _ in 0..PIECES {
        let from = below;
        let Some(oldest) = app.write(move |tx| domain::search::keep_older(tx, from)).await? else {
            tracing::info!("the words of every post are kept: search finds all of them");
            return Ok(());
        };
        below = oldest;
    }
    tracing::info!(post.id = %below, "keeping the words of older posts for search");
    app.write(move |tx| tasks::enqueue(tx, &Task::KeepWords { below })).await
}

async fn keep_lease(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            () = tokio::time::sleep(KEEP_LEASE) => {}
        }
        match app.keep_lease().await {
            Ok(true) => {}
            Ok(false) => {
                tracing::error!(
                    "another process took this one's share of ids, which was stopped for too long: \
                     this one ends, so that no id is given twice; start it again"
                );
                // As after kill -9: nothing that was acknowledged is lost.
                std::process::exit(LOST_SHARE);
            }
            Err(error) => {
                tracing::error!(cause = %error.cause(), "could not keep this process's share of ids");
            }
        }
    }
}

/// Looks at ledgers elsewhere again and again.
async fn witness(app: App, mut stop: watch::Receiver<bool>) {
    let every = Duration::from_secs(app.config().witness_every_secs);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            () = tokio::time::sleep(every) => {}
        }
        if let Err(error) = federation::work::witness_all(&app).await {
            tracing::error!(cause = %error.cause(), "looking which ledgers are followed");
        }
    }
}

async fn sweep(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = stopped(&mut stop) => return,
            () = tokio::time::sleep(SWEEP) => {}
        }
        if let Err(error) = app.write(|tx| tasks::enqueue(tx, &Task::Sweep)).await {
            tracing::error!(cause = %error.cause(), "could not ask for a sweep");
        }
    }
}

/// Days that received activities are kept to know duplicates by.
const ACTIVITY_DAYS: i64 = 90;
/// Days that a member can see what happened to their account.
const ACCOUNT_DAYS: i64 = 90;
/// Days that ids of deleted things are remembered.
const TOMBSTONE_DAYS: i64 = 7;
/// Most rows of a kind that are forgotten in one change.
const SWEEP_ROWS: i64 = 1_000;

/// Forgets what has had its time, a piece at a time so that nobody waits.
async fn sweep_once(app: &App) -> Result<()> {
    app.write(|tx| {
        tasks::enqueue(tx, &Task::TrimCopies)?;
        domain::staff::end_overdue(tx)?;
        domain::summaries::plan_all(tx)?;
        domain::weeks::prune(tx)?;
        let now = tx.now();
        push::give_up(tx, now)
    })
    .await?;
    loop {
        let more = app
            .write(|tx| {
                let now = tx.now();
                db::sessions::prune(tx, now)?;
                db::oauth::prune_codes(tx, now)?;
                db::second_steps::prune(tx, now)?;
                db::account_links::prune(tx, now, now.plus_days(-ACCOUNT_DAYS))?;
                db::account_news::prune(tx, now.plus_days(-ACCOUNT_DAYS))?;
                db::sign_in_tries::prune(tx, now.plus_days(-1))?;
                db::posts::prune_idempotency_keys(tx, now.plus_days(-1))?;
                db::posts::prune_tombstones(tx, now.plus_days(-TOMBSTONE_DAYS))?;
                let old = db::activities::prune(tx, now.plus_days(-ACTIVITY_DAYS), SWEEP_ROWS)?;
                let unused = db::media::unattached(tx, now.plus_days(-1), SWEEP_ROWS)?;
                let paths: BTreeSet<String> = unused.iter().flat_map(Media::files).collect();
                for row in &unused {
                    db::media::delete(tx, row.id)?;
                }
                if !paths.is_empty() {
                    let paths = paths.into_iter().collect();
                    tasks::enqueue(tx, &Task::DeleteFiles { paths })?;
                }
                let full = usize::try_from(SWEEP_ROWS).unwrap_or(usize::MAX);
                Ok(old == full || unused.len() == full)
            })
            .await?;
        if !more {
            return Ok(());
        }
    }
}

/// Does every task and delivery that is due now, and returns when nothing is; for tests.
///
/// # Errors
/// `Internal` from the database.
pub async fn settle(app: &App) -> Result<bool> {
    let mut busy = false;
    loop {
        let jobs = claim(app, 16).await?;
        let hosts = Line::Deliveries.due_hosts(app, Vec::new(), 64).await?;
        let services = Line::Pushes.due_hosts(app, Vec::new(), 64).await?;
        if jobs.is_empty() && hosts.is_empty() && services.is_empty() {
            return Ok(busy);
        }
        busy = true;
        for job in jobs {
            run(app.clone(), job).await;
        }
        for host in hosts {
            Line::Deliveries.send(app, &host).await?;
        }
        for host in services {
            Line::Pushes.send(app, &host).await?;
        }
    }
}
