//! The home timeline, and the lists a member keeps: posts of whom they follow.
use diesel::{
    dsl::{exists, not, sql},
    prelude::*,
    sql_types::Bool,
};

use super::{
    super::{
        Conn,
        lists::{List, Replies},
        literal::Literal as _,
        page::Page,
        posts::Post,
        schema::{domain_blocks, followed_tags, follows, list_members, lists, post_tags, posts},
    },
    rare::{self, Sources},
    seen::{
        Condition, ORIGINALS, PARENTS, TARGET_FOLLOWS, by_somebody_shown, not_behind_doors,
        not_from_blocked_hosts, not_shunned_themselves, original_not_from_blocked_hosts,
        original_not_shunned, readable,
    },
};
use crate::{
    on,
    types::{ActorId, PostId, Time, Visibility},
};

/// What a member set up that makes their home differ from others'. Asked once, so that the homes of
/// those who set up nothing cost nothing more.
#[derive(Clone, Copy, Debug)]
struct Wishes {
    /// They follow tags.
    tags: bool,
    /// What some of their lists show is left out.
    exclusive: bool,
    /// They want nothing of some servers.
    hosts: bool,
}

impl Wishes {
    fn of(conn: &mut Conn, viewer: ActorId) -> QueryResult<Self> {
        let tags = exists(
            followed_tags::table
                .filter(followed_tags::actor_id.eq(viewer))
                .select(followed_tags::id),
        );
        let exclusive = exists(
            lists::table
                .filter(lists::owner_id.eq(viewer).and(lists::exclusive.eq(true)))
                .select(lists::id),
        );
        let hosts = exists(
            domain_blocks::table
                .filter(domain_blocks::actor_id.eq(viewer))
                .select(domain_blocks::id),
        );
        let (tags, exclusive, hosts) =
            on!(conn, c => diesel::select((tags, exclusive, hosts)).get_result(c))?;
        Ok(Self { tags, exclusive, hosts })
    }
}

/// Public posts with a tag that the viewer follows.
fn with_followed_tag(viewer: ActorId) -> Condition {
    Box::new(
        posts::visibility.says("public").and(posts::boost_of_id.is_null()).and(exists(
            post_tags::table
                .inner_join(followed_tags::table.on(followed_tags::tag.eq(post_tags::tag)))
                .filter(post_tags::post_id.eq(posts::id))
                .filter(followed_tags::actor_id.eq(viewer))
                .select(post_tags::post_id),
        )),
    )
}

/// Not by somebody in a list of the viewer's that keeps what it shows to itself.
fn not_kept_by_lists(viewer: ActorId) -> Condition {
    Box::new(not(exists(
        list_members::table
            .inner_join(lists::table.on(lists::id.eq(list_members::list_id)))
            .filter(list_members::actor_id.eq(posts::author_id))
            .filter(lists::owner_id.eq(viewer).and(lists::exclusive.eq(true)))
            .select(list_members::id),
    )))
}

/// Replies to the viewer, to whom they follow, and to the author's own posts.
fn replies_to_somebody_known(viewer: ActorId) -> Condition {
    let parent_author = PARENTS.field(posts::author_id);
    Box::new(exists(
        PARENTS
            .left_join(
                TARGET_FOLLOWS.on(TARGET_FOLLOWS
                    .field(follows::target_id)
                    .eq(parent_author)
                    .and(TARGET_FOLLOWS.field(follows::follower_id).eq(viewer))
                    .and(TARGET_FOLLOWS.field(follows::accepted_at).is_not_null())),
            )
            .filter(PARENTS.field(posts::id).nullable().eq(posts::in_reply_to_id))
            .filter(
                parent_author
                    .eq(viewer)
                    .or(parent_author.eq(posts::author_id))
                    .or(TARGET_FOLLOWS.field(follows::id).nullable().is_not_null()),
            )
            .select(PARENTS.field(posts::id)),
    ))
}

/// Posts of `viewer`'s own, of whom they follow, and what their groups pass on.
///
/// Left out: replies to people the viewer does not follow, boosts of what is here already (of the
/// viewer's own posts, or of authors they follow), whom they blocked or muted, and what is not for
/// their eyes.
fn in_home(viewer: ActorId, now: Time, wishes: Wishes) -> Condition {
    let in_wanted_language = follows::languages
        .eq("")
        .or(posts::language.is_null())
        .or(sql::<Bool>("follows.languages LIKE '%,' || posts.language || ',%'"));
    let follows_author = exists(
        follows::table
            .filter(follows::follower_id.eq(viewer).and(follows::target_id.eq(posts::author_id)))
            .filter(follows::accepted_at.is_not_null())
            .filter(posts::boost_of_id.is_null().or(follows::show_boosts.eq(true)))
            .filter(in_wanted_language)
            .select(follows::id),
    );
    let original_author = ORIGINALS.field(posts::author_id);
    let boosts_something_new = not(exists(
        ORIGINALS
            .left_join(
                TARGET_FOLLOWS.on(TARGET_FOLLOWS
                    .field(follows::target_id)
                    .eq(original_author)
                    .and(TARGET_FOLLOWS.field(follows::follower_id).eq(viewer))
                    .and(TARGET_FOLLOWS.field(follows::accepted_at).is_not_null())),
            )
            .filter(ORIGINALS.field(posts::id).nullable().eq(posts::boost_of_id))
            .filter(
                original_author
                    .eq(viewer)
                    .or(TARGET_FOLLOWS.field(follows::id).nullable().is_not_null()),
            )
            .select(ORIGINALS.field(posts::id)),
    ));
    let mut followed: Condition = Box::new(
        follows_author
            .and(posts::visibility.ne(Visibility::Direct))
            .and(posts::visibility.ne(Visibility::Followers).or(not_behind_doors(viewer)))
            .and(posts::in_reply_to_id.is_null().or(replies_to_somebody_known(viewer)))
            .and(posts::in_reply_to_uri.is_null())
            .and(posts::boost_of_id.is_null().or(boosts_something_new)),
    );
    if wishes.exclusive {
        followed = Box::new(followed.and(not_kept_by_lists(viewer)));
    }
    if wishes.tags {
        followed = Box::new(followed.or(with_followed_tag(viewer)));
    }
    if wishes.hosts {
        followed = Box::new(
            followed
                .and(not_from_blocked_hosts(viewer))
                .and(original_not_from_blocked_hosts(viewer)),
        );
    }
    Box::new(
        posts::author_id.eq(viewer).and(posts::boost_of_id.is_null()).or(followed
            .and(not_shunned_themselves(viewer, now))
            .and(original_not_shunned(viewer, now))
            .and(by_somebody_shown())),
    )
}

/// The home timeline of a member.
pub fn home(conn: &mut Conn, viewer: ActorId, page: &Page, now: Time) -> QueryResult<Vec<Post>> {
    let wishes = Wishes::of(conn, viewer)?;
    let condition =
        || -> Condition { Box::new(posts::deleted_at.is_null().and(in_home(viewer, now, wishes))) };
    rare::page(conn, page, &condition, |conn| {
        let mut sources = vec![Sources::Authors(rare::authors_at_home(conn, viewer)?)];
        if wishes.tags {
            sources.push(Sources::Tags(super::super::tags::all_followed(conn, viewer)?));
        }
        Ok(Sources::Any(sources))
    })
}

/// Whether a post stands in the home timeline of a member; for streams.
pub fn is_in_home(conn: &mut Conn, viewer: ActorId, post: PostId, now: Time) -> QueryResult<bool> {
    let wishes = Wishes::of(conn, viewer)?;
    let found = posts::table
        .filter(posts::id.eq(post).and(posts::deleted_at.is_null()))
        .filter(in_home(viewer, now, wishes))
        .select(posts::id)
        .first::<PostId>(conn)
        .optional()?;
    Ok(found.is_some())
}

/// What those in a list of a member's post and pass on, with the replies that the list wants.
pub fn list(
    conn: &mut Conn,
    viewer: ActorId,
    list: &List,
    page: &Page,
    now: Time,
) -> QueryResult<Vec<Post>> {
    let listed = |author| {
        exists(
            list_members::table
                .filter(list_members::list_id.eq(list.id).and(list_members::actor_id.eq(author)))
                .select(list_members::id),
        )
    };
    let condition = || -> Condition {
        Box::new(
            posts::deleted_at
                .is_null()
                .and(posts::visibility.ne(Visibility::Direct))
                .and(listed(posts::author_id))
                .and(readable(Some(viewer)))
                .and(not_shunned_themselves(viewer, now))
                .and(not_from_blocked_hosts(viewer))
                .and(original_not_shunned(viewer, now))
                .and(replies_wanted(viewer, list)),
        )
    };
    rare::page(conn, page, &condition, |conn| {
        Ok(Sources::Authors(rare::authors_in_list(conn, list.id)?))
    })
}

/// Which replies a list shows.
fn replies_wanted(viewer: ActorId, list: &List) -> Condition {
    let parent_author = PARENTS.field(posts::author_id);
    let parent_is_known = posts::in_reply_to_uri.is_null();
    match list.replies {
        Replies::None => Box::new(posts::in_reply_to_id.is_null().and(parent_is_known)),
        Replies::List => {
            let to_one_of_them = exists(
                PARENTS
                    .inner_join(list_members::table.on(list_members::actor_id.eq(parent_author)))
                    .filter(PARENTS.field(posts::id).nullable().eq(posts::in_reply_to_id))
                    .filter(list_members::list_id.eq(list.id))
                    .select(PARENTS.field(posts::id)),
            );
            Box::new(posts::in_reply_to_id.is_null().or(to_one_of_them).and(parent_is_known))
        }
        Replies::Followed => Box::new(
            posts::in_reply_to_id
                .is_null()
                .or(replies_to_somebody_known(viewer))
                .and(parent_is_known),
        ),
    }
}
