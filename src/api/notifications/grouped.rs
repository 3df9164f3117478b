//! Notifications where what belongs together is one:
//! <https://docs.joinmastodon.org/methods/grouped_notifications/>
use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{self, Json};

use super::{MAX_COUNT, Wanted, last_read};
use crate::{
    api::{
        access::{Ctx, Member, scope},
        describe::{Api, Empty},
        entities::{
            Account, At, Count, GroupedNotifications, Id, NotificationGroup, View, load::wire_kind,
        },
        page::{Edges, Listing, Page, Paged},
        params::Params,
    },
    db::{
        self, Conn,
        notifications::{Notification, NotificationKind},
        page::Page as Rows,
    },
    error::{Error, Result},
    types::{ActorId, NotificationId, PostId},
};

/// Most groups of a page.
const MAX_GROUPS: i64 = 80;
/// How many accounts of a group are shown with it.
const SAMPLE: usize = 8;
/// Most rows that are read for a page, whatever is grouped.
const MAX_ROWS: usize = 800;

/// The routes of this chapter.
pub(super) fn routes(api: &mut Api<'_>) {
    api.get("/api/v2/notifications", list, "What you are told of, what belongs together as one")
        .get(
            "/api/v2/notifications/unread_count",
            unread_count,
            "How many groups of notifications you have not read",
        )
        .get("/api/v2/notifications/{group_key}", one, "One group of notifications")
        .get(
            "/api/v2/notifications/{group_key}/accounts",
            accounts,
            "Whom a group of notifications is from",
        )
        .post(
            "/api/v2/notifications/{group_key}/dismiss",
            dismiss,
            "Puts a group of notifications away",
        );
}

/// Notifications of one key, the newest first.
struct Group {
    key: String,
    rows: Vec<Notification>,
}

/// The key under which a client finds a notification again.
fn key_of(row: &Notification, kinds: &BTreeSet<NotificationKind>) -> String {
    if row.group_key.is_empty() || !kinds.contains(&row.kind) {
        format!("ungrouped-{}", row.id)
    } else {
        row.group_key.clone()
    }
}

impl Wanted {
    /// The kinds that come in groups.
    fn grouped_kinds(&self) -> BTreeSet<NotificationKind> {
        use NotificationKind::{Boost, Follow, Like, Thanks};
        let asked = |kind: &NotificationKind| {
            self.grouped_types.is_empty()
                || self.grouped_types.iter().any(|word| word == wire_kind(*kind))
        };
        [Boost, Follow, Like, Thanks].into_iter().filter(asked).collect()
    }
}

/// Reads rows until there are as many groups as asked for.
fn groups(
    conn: &mut Conn,
    me: ActorId,
    wanted: &Wanted,
    page: Rows,
) -> Result<(Option<Edges>, Vec<Group>)> {
    let most = usize::try_from(page.limit).unwrap_or(1);
    let kinds = wanted.grouped_kinds();
    let mut found: Vec<Group> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let (mut next, mut read) = (Rows { limit: page.limit.saturating_mul(3), ..page }, 0);
    let mut seen: Vec<i64> = Vec::new();
    'reading: loop {
        let rows = db::notifications::list(conn, me, &wanted.rows(), &next)?;
        let full = i64::try_from(rows.len()).is_ok_and(|many| many == next.limit);
        read += rows.len();
        // Towards the newer end the nearest rows count first.
        let rows: Vec<Notification> =
            if page.upward() { rows.into_iter().rev().collect() } else { rows };
        for row in rows {
            let key = key_of(&row, &kinds);
            let id = row.id.0;
            if page.upward() {
                next.min_id = Some(id);
            } else {
                next.max_id = Some(id);
            }
            match places.get(&key).copied() {
                Some(place) => {
                    if let Some(group) = found.get_mut(place) {
                        group.rows.push(row);
                    }
                }
                None if found.len() == most => break 'reading,
                None => {
                    places.insert(key.clone(), found.len());
                    found.push(Group { key, rows: vec![row] });
                }
            }
            seen.push(id);
        }
        if !full || read >= MAX_ROWS {
            break;
        }
    }
    for group in &mut found {
        group.rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    }
    found.sort_by_key(|group| std::cmp::Reverse(group.rows.first().map(|row| row.id)));
    Ok((Edges::of(seen), found))
}

impl View {
    fn grouped(
        &self,
        conn: &mut Conn,
        me: ActorId,
        groups: &[Group],
    ) -> Result<GroupedNotifications> {
        // Rows about a post that is gone say nothing any more.
        let posts: BTreeSet<PostId> =
            groups.iter().flat_map(|group| &group.rows).filter_map(|row| row.post_id).collect();
        let posts: Vec<PostId> = posts.into_iter().collect();
        let posts = db::posts::by_ids(conn, &posts)?;
        let statuses = self.statuses(conn, &posts)?;
        let there: BTreeSet<i64> = statuses.iter().map(|status| status.id.0).collect();
        let mut people: BTreeSet<ActorId> = BTreeSet::new();
        let mut entities = Vec::new();
        for group in groups {
            let Some(newest) = group.rows.first() else { continue };
            let oldest = group.rows.last().unwrap_or(newest);
            if newest.post_id.is_some_and(|id| !there.contains(&id.0)) {
                continue;
            }
            let mut sample: Vec<ActorId> = Vec::new();
            for row in &group.rows {
                if sample.len() < SAMPLE && !sample.contains(&row.from_id) {
                    sample.push(row.from_id);
                }
            }
            people.extend(&sample);
            let count = if group.rows.len() > 1 || group.key == newest.group_key {
                db::notifications::count_in_group(conn, me, &newest.group_key)?
            } else {
                1
            };
            entities.push(NotificationGroup {
                group_key: group.key.clone(),
                notifications_count: count.max(1),
                kind: wire_kind(newest.kind),
                most_recent_notification_id: newest.id.0,
                page_min_id: Id::from(oldest.id),
                page_max_id: Id::from(newest.id),
                latest_page_notification_at: At(newest.created_at),
                sample_account_ids: sample.into_iter().map(Id::from).collect(),
                status_id: newest.post_id.map(Id::from),
            });
        }
        let people: Vec<ActorId> = people.into_iter().collect();
        Ok(GroupedNotifications {
            accounts: self.accounts_by_ids(conn, &people)?,
            statuses,
            notification_groups: entities,
        })
    }
}

async fn list(
    member: Member<scope::ReadNotifications>,
    form: Params<Wanted>,
    listing: Listing,
) -> Result<Paged<GroupedNotifications>> {
    let (view, form) = (member.view(&listing.ctx), form.into_inner());
    listing
        .answer_one(move |conn, page| {
            let (edges, groups) = groups(conn, member.id, &form, page.rows(40, MAX_GROUPS))?;
            Ok((edges, view.grouped(conn, member.id, &groups)?))
        })
        .await
}

async fn unread_count(
    member: Member<scope::ReadNotifications>,
    form: Params<Wanted>,
    page: Page,
    ctx: Ctx,
) -> Result<Json<Count>> {
    let (form, most) = (form.into_inner(), page.limit(100, MAX_COUNT));
    ctx.read(move |conn| {
        let since = last_read(conn, member.id)?;
        let rows = Rows { since_id: Some(since.0), limit: most, ..Rows::default() };
        let (_, groups) = groups(conn, member.id, &form, rows)?;
        Ok(Json(Count { count: i64::try_from(groups.len()).map_err(Error::internal)? }))
    })
    .await
}

/// The notification that a key without a group stands for.
fn alone(key: &str) -> Option<NotificationId> {
    key.strip_prefix("ungrouped-")?.parse().ok()
}

fn group(conn: &mut Conn, me: ActorId, key: &str, page: Rows) -> Result<Group> {
    let rows = match alone(key) {
        Some(id) => db::notifications::by_id(conn, me, id)?.into_iter().collect(),
        None if key.is_empty() => Vec::new(),
        None => db::notifications::in_group(conn, me, key, &page)?,
    };
    if rows.is_empty() {
        return Err(Error::NotFound);
    }
    Ok(Group { key: key.to_owned(), rows })
}

async fn one(
    member: Member<scope::ReadNotifications>,
    key: web::Path<String>,
    ctx: Ctx,
) -> Result<Json<GroupedNotifications>> {
    let view = member.view(&ctx);
    ctx.read(move |conn| {
        let group = group(conn, member.id, &key, Rows::newest(MAX_GROUPS))?;
        Ok(Json(view.grouped(conn, member.id, &[group])?))
    })
    .await
}

async fn accounts(
    member: Member<scope::ReadNotifications>,
    key: web::Path<String>,
    listing: Listing,
) -> Result<Paged<Vec<Account>>> {
    let view = member.view(&listing.ctx);
    listing
        .answer(move |conn, page| {
            let group = group(conn, member.id, &key, page.rows(40, MAX_GROUPS))?;
            let edges = Edges::of(group.rows.iter().map(|row| row.id.0));
            let mut ids: Vec<ActorId> = Vec::new();
            for row in &group.rows {
                if !ids.contains(&row.from_id) {
                    ids.push(row.from_id);
                }
            }
            let accounts: Vec<Account> = view.accounts_by_ids(conn, &ids)?;
            Ok((edges, accounts))
        })
        .await
}

async fn dismiss(
    member: Member<scope::WriteNotifications>,
    key: web::Path<String>,
    ctx: Ctx,
) -> Result<Json<Empty>> {
    ctx.write(move |tx| {
        match alone(&key) {
            Some(id) => db::notifications::dismiss(tx, member.id, id)?,
            None if key.is_empty() => 0,
            None => db::notifications::dismiss_group(tx, member.id, &key)?,
        };
        Ok(Json(Empty {}))
    })
    .await
}
