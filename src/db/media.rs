//! Pictures and other files, and remote ones that posts refer to.
use std::collections::BTreeMap;

use diesel::{dsl::sql, prelude::*, sql_types::BigInt};

use super::{
    Conn,
    among::Among as _,
    schema::{media, scheduled_media},
};
use crate::{
    on,
    types::{ActorId, MediaId, PostId, Time},
};

/// A row of `media`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = media)]
#[diesel(treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
pub struct Media {
    /// Our name for it.
    pub id: MediaId,
    /// Whose.
    pub owner_id: ActorId,
    /// The post it belongs to; none while it waits for one.
    pub post_id: Option<PostId>,
    /// Order within the post.
    pub position: i32,
    /// image, gifv, video, audio or unknown.
    pub kind: String,
    /// MIME type.
    pub content_type: String,
    /// Of the local file, under the media folder.
    pub path: Option<String>,
    /// Of the local thumbnail, under the media folder.
    pub preview_path: Option<String>,
    /// Where a remote file is.
    pub remote_url: Option<String>,
    /// For those who cannot see it, plain text.
    pub description: Option<String>,
    /// The colour smudge.
    pub blurhash: Option<String>,
    /// Pixels.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    /// Pixels.
    pub preview_width: Option<i32>,
    /// Pixels.
    pub preview_height: Option<i32>,
    /// -1 left to 1 right.
    pub focus_x: f64,
    /// -1 bottom to 1 top.
    pub focus_y: f64,
    /// Of file and thumbnail together.
    pub size_bytes: i64,
    /// When uploaded, or seen.
    pub created_at: Time,
    /// What was uploaded, under the media folder, while it is worked on.
    pub draft_path: Option<String>,
    /// Why nothing could be made of it, in words for its owner.
    pub problem: Option<String>,
    /// How long it plays, milliseconds.
    pub duration_ms: Option<i64>,
    /// Pictures a second, as a fraction: `30000/1001`.
    pub frame_rate: Option<String>,
    /// Bits a second.
    pub bit_rate: Option<i64>,
}

impl Media {
    /// One of which nothing is known but whose it is.
    pub fn new(owner: ActorId, kind: &str, content_type: &str) -> Self {
        Self {
            id: MediaId(0),
            owner_id: owner,
            post_id: None,
            position: 0,
            kind: kind.to_owned(),
            content_type: content_type.to_owned(),
            path: None,
            preview_path: None,
            remote_url: None,
            description: None,
            blurhash: None,
            width: None,
            height: None,
            preview_width: None,
            preview_height: None,
            focus_x: 0.0,
            focus_y: 0.0,
            size_bytes: 0,
            created_at: Time(0),
            draft_path: None,
            problem: None,
            duration_ms: None,
            frame_rate: None,
            bit_rate: None,
        }
    }

    /// It is being worked on.
    pub fn is_processing(&self) -> bool {
        self.draft_path.is_some()
    }

    /// Every file it has here.
    pub fn files(&self) -> impl Iterator<Item = String> + use<> {
        [&self.path, &self.preview_path, &self.draft_path].map(Clone::clone).into_iter().flatten()
    }
}

/// A new row.
pub fn insert(conn: &mut Conn, row: &Media) -> QueryResult<usize> {
    diesel::insert_into(media::table).values(row).execute(conn)
}

/// New rows.
pub fn insert_all(conn: &mut Conn, rows: &[Media]) -> QueryResult<()> {
    if !rows.is_empty() {
        on!(conn, c => diesel::insert_into(media::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// The medium of an id.
pub fn by_id(conn: &mut Conn, id: MediaId) -> QueryResult<Option<Media>> {
    on!(conn, c => media::table.find(id).select(Media::as_select()).first(c).optional())
}

/// Those of `ids` that are `owner`'s, in the order asked for.
pub fn of_owner(conn: &mut Conn, owner: ActorId, ids: &[MediaId]) -> QueryResult<Vec<Media>> {
    let mut rows: Vec<Media> = media::table
        .filter(media::owner_id.eq(owner).and(media::id.among(ids.iter().copied())))
        .select(Media::as_select())
        .load(conn)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows)
}

/// The media of each of `posts`, in order.
pub fn of_posts(conn: &mut Conn, posts: &[PostId]) -> QueryResult<BTreeMap<PostId, Vec<Media>>> {
    let rows: Vec<Media> = media::table
        .filter(media::post_id.among(posts.iter().copied()))
        .order((media::post_id, media::position, media::id))
        .select(Media::as_select())
        .load(conn)?;
    let mut all: BTreeMap<PostId, Vec<Media>> = BTreeMap::new();
    for row in rows {
        if let Some(post) = row.post_id {
            all.entry(post).or_default().push(row);
        }
    }
    Ok(all)
}

/// Writes the row anew.
pub fn update(conn: &mut Conn, row: &Media) -> QueryResult<usize> {
    diesel::update(media::table.find(row.id)).set(row).execute(conn)
}

/// Writes down what is said of a medium.
pub fn set_words(conn: &mut Conn, row: &Media) -> QueryResult<usize> {
    diesel::update(media::table.find(row.id))
        .set((
            media::description.eq(&row.description),
            media::focus_x.eq(row.focus_x),
            media::focus_y.eq(row.focus_y),
        ))
        .execute(conn)
}

/// Bytes that all local files of `owner` have together.
pub fn used_bytes(conn: &mut Conn, owner: ActorId) -> QueryResult<i64> {
    media::table
        .filter(media::owner_id.eq(owner).and(media::remote_url.is_null()))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT)"))
        .first(conn)
}

/// Local owners and the bytes that their files have together, those who use most first.
pub fn most_used(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(ActorId, i64)>> {
    on!(conn, c => media::table
        .filter(media::remote_url.is_null())
        .group_by(media::owner_id)
        .select((media::owner_id, sql::<BigInt>("CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) AS used")))
        .order(sql::<BigInt>("used").desc())
        .limit(limit)
        .load(c))
}

/// Gives a waiting medium to a post, at a place.
pub fn attach(conn: &mut Conn, id: MediaId, post: PostId, position: i32) -> QueryResult<usize> {
    diesel::update(media::table.find(id))
        .set((media::post_id.eq(post), media::position.eq(position)))
        .execute(conn)
}

/// Takes the media of a post away and returns their rows, so that files can follow.
pub fn detach_all(conn: &mut Conn, post: PostId) -> QueryResult<Vec<Media>> {
    let rows =
        media::table.filter(media::post_id.eq(post)).select(Media::as_select()).load(conn)?;
    diesel::update(media::table.filter(media::post_id.eq(post)))
        .set(media::post_id.eq(None::<PostId>))
        .execute(conn)?;
    Ok(rows)
}

/// Media that no post took since `before`; at most `limit`.
pub fn unattached(conn: &mut Conn, before: Time, limit: i64) -> QueryResult<Vec<Media>> {
    on!(conn, c => media::table
        .filter(media::post_id.is_null().and(media::created_at.lt(before)))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            scheduled_media::table
                .filter(scheduled_media::media_id.eq(media::id))
                .select(scheduled_media::media_id),
        )))
        .limit(limit)
        .select(Media::as_select())
        .load(c))
}

/// Forgets a medium.
pub fn delete(conn: &mut Conn, id: MediaId) -> QueryResult<usize> {
    diesel::delete(media::table.find(id)).execute(conn)
}
