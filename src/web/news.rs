//! What a member is told of: answers, thanks, who follows them. No counts, no red dots.
use actix_web::{HttpResponse, web};

use super::{
    named::{self, Part},
    posted::Posted,
    reader::{Reader, SignedIn},
    show::{self, Cast, Lens},
    staff,
    views::{
        FlashKind, NavLink,
        pages::{NewsLine, NewsPage},
        words,
    },
};
use crate::{
    db::{
        self, Conn, follows, groups,
        notifications::{self, Notification, NotificationKind},
        page::Page as Range,
        posts::Post,
    },
    domain,
    error::Result,
    types::{ActorId, PostId},
};

const PAGE: i64 = 30;
/// Most people who ask to follow that are shown at once.
const REQUESTS: i64 = 40;
/// Most groups of one member that are looked at for requests.
const GROUPS: i64 = 100;

/// The page of news.
///
/// # Errors
/// `Unauthorized` for visitors.
pub async fn show(reader: Reader, part: web::Query<Part>) -> Result<HttpResponse> {
    let SignedIn { actor, member, .. } = reader.member()?;
    let (me, operator) = (actor.id, member.operator);
    let (lens, part) = (reader.lens(), part.into_inner());
    let (requests, joining, lines, pager) = reader
        .app
        .read(move |conn| {
            let range = part.range(PAGE);
            let kinds = NotificationKind::ALL.to_vec();
            let wanted = notifications::Wanted { kinds, from: None, filtered: false };
            let mut rows = notifications::list(conn, me, &wanted, &range)?;
            let pager = part.cut(&mut rows, PAGE, "/notifications", |row| row.id.0);
            let waiting = follows::requests(conn, &[me], &Range::newest(REQUESTS))?;
            let askers = waiting.iter().map(|(_, actor)| actor);
            let requests = show::people(conn, &lens, askers, |_| false)?;
            Ok((requests, joining(conn, me, operator)?, lines(conn, &lens, &rows)?, pager))
        })
        .await?;
    reader.html(&NewsPage { page: reader.page("News"), requests, joining, lines, pager })
}

/// Where somebody asks to come in whom this member may let in: to the node, and to their groups.
fn joining(conn: &mut Conn, me: ActorId, operator: bool) -> Result<Vec<NavLink>> {
    let asking =
        |n: i64| words::count(u64::try_from(n).unwrap_or_default(), "person asks", "people ask");
    let at_the_door = if operator { db::members::waiting_count(conn)? } else { 0 };
    let door = (at_the_door > 0).then(|| NavLink {
        name: format!("{} to be let in", asking(at_the_door)),
        url: "/operator".to_owned(),
    });
    let asked = if operator { staff::asked(conn)? } else { String::new() };
    let asked =
        (!asked.is_empty()).then(|| NavLink { name: asked, url: "/operator/staff".to_owned() });
    let groups = groups::stewarded_by(conn, me, GROUPS)?;
    let waiting = follows::waiting_for(conn, &groups)?;
    let ids: Vec<ActorId> = waiting.iter().map(|(group, _)| *group).collect();
    let actors = db::actors::by_ids(conn, &ids)?;
    let link = |(id, n): &(ActorId, i64)| {
        let group = actors.iter().find(|actor| actor.id == *id)?;
        let name = format!("{} to join {}", asking(*n), show::display_name(group));
        Some(NavLink { name, url: format!("{}/requests", show::actor_path(group)) })
    };
    Ok(door.into_iter().chain(asked).chain(waiting.iter().filter_map(link)).collect())
}

fn lines(conn: &mut Conn, lens: &Lens, rows: &[Notification]) -> Result<Vec<NewsLine>> {
    let ids: Vec<PostId> = rows.iter().filter_map(|row| row.post_id).collect();
    let posts: Vec<Post> = db::posts::by_ids(conn, &ids)?;
    let people: Vec<ActorId> = rows.iter().map(|row| row.from_id).collect();
    let cast = Cast::of(conn, &posts, &people)?;
    let line = |row: &Notification| {
        let post = row.post_id.and_then(|id| posts.iter().find(|post| post.id == id));
        NewsLine {
            person: cast.person(row.from_id, &lens.domain),
            what: what(row.kind).to_owned(),
            thanks: row.kind == NotificationKind::Thanks,
            title: post.map(show::title_of).unwrap_or_default(),
            url: post.map(|post| cast.post_path(post)).unwrap_or_default(),
            when: words::when(row.created_at, lens.now),
        }
    };
    Ok(rows.iter().filter(|row| row.kind != NotificationKind::FollowRequest).map(line).collect())
}

/// What somebody did, to follow their name.
fn what(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Mention => "wrote to you",
        NotificationKind::Status => "posted",
        NotificationKind::Boost => "passed on what you wrote",
        NotificationKind::Follow => "follows you",
        NotificationKind::FollowRequest => "asks to follow you",
        NotificationKind::Like => "likes what you wrote",
        NotificationKind::Poll => "asked something that has ended",
        NotificationKind::Update => "changed what they wrote",
        NotificationKind::Quote => "quotes what you wrote",
        NotificationKind::QuotedUpdate => "changed what you quote",
        NotificationKind::Thanks => "says that you helped",
        NotificationKind::Report => "was reported to you",
        NotificationKind::Moderation => "removed something you wrote, or banned you",
    }
}

/// Lets somebody follow who asked, or does not.
///
/// # Errors
/// `Unauthorized` for visitors, `NotFound` where nobody asked.
pub async fn decide(posted: Posted, path: web::Path<String>) -> Result<HttpResponse> {
    let reader = &posted.reader;
    let (me, domain, acct) =
        (reader.member()?.actor.id, reader.app.domain().to_owned(), path.into_inner());
    let yes = posted.value("decision") == "yes";
    let who = reader
        .app
        .write(move |tx| {
            let who = named::find(tx, &acct, &domain)?;
            if yes {
                domain::follows::accept(tx, me, who.id)?;
            } else {
                domain::follows::reject(tx, me, who.id)?;
            }
            Ok(who)
        })
        .await?;
    let name = show::display_name(&who);
    let words = if yes {
        format!("{name} follows you now.")
    } else {
        format!("{name} does not follow you.")
    };
    Ok(reader.go_saying("/notifications", FlashKind::Done, words))
}
