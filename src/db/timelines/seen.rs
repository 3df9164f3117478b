//! Whose eyes a post is for, and who does not want to see it: conditions that every list of posts is made
//! of.
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::Bool,
};

use super::super::{
    MultiBackend,
    among::Among as _,
    schema::{actors, blocks, domain_blocks, follows, mentions, mutes, posts, servers},
    servers::ServerPolicy,
};
use crate::types::{ActorId, ActorKind, Time, Visibility};

/// A condition on a post.
pub(in crate::db) type Condition =
    Box<dyn BoxableExpression<posts::table, MultiBackend, SqlType = Bool>>;

diesel::alias!(
    pub(super) const TARGETS: Alias<Targets> = posts as targets;
    pub(super) const PARENTS: Alias<Parents> = posts as parents;
    pub(super) const ORIGINALS: Alias<Originals> = posts as originals;
    pub(super) const TARGET_FOLLOWS: Alias<TargetFollows> = follows as target_follows;
);

/// Not by somebody on a server that the viewer wants nothing of.
pub(super) fn not_from_blocked_hosts(viewer: ActorId) -> Condition {
    Box::new(not(exists(
        domain_blocks::table
            .inner_join(actors::table.on(actors::host.eq(domain_blocks::host)))
            .filter(domain_blocks::actor_id.eq(viewer).and(actors::id.eq(posts::author_id)))
            .filter(actors::local.eq(false))
            .select(domain_blocks::id),
    )))
}

/// Nor does it pass on what such a one wrote.
pub(super) fn original_not_from_blocked_hosts(viewer: ActorId) -> Condition {
    let by_blocked = exists(
        ORIGINALS
            .inner_join(actors::table.on(actors::id.eq(ORIGINALS.field(posts::author_id))))
            .inner_join(domain_blocks::table.on(domain_blocks::host.eq(actors::host)))
            .filter(ORIGINALS.field(posts::id).nullable().eq(posts::boost_of_id))
            .filter(domain_blocks::actor_id.eq(viewer).and(actors::local.eq(false)))
            .select(ORIGINALS.field(posts::id)),
    );
    Box::new(posts::boost_of_id.is_null().or(not(by_blocked)))
}

/// Neither blocked nor muted, either way.
pub(in crate::db) fn not_shunned(viewer: ActorId, now: Time) -> Condition {
    Box::new(not_from_blocked_hosts(viewer).and(not_shunned_themselves(viewer, now)))
}

pub(super) fn not_shunned_themselves(viewer: ActorId, now: Time) -> Condition {
    Box::new(
        not(exists(
            blocks::table
                .filter(blocks::actor_id.eq(viewer).and(blocks::target_id.eq(posts::author_id)))
                .select(blocks::id),
        ))
        .and(not(exists(
            blocks::table
                .filter(blocks::actor_id.eq(posts::author_id).and(blocks::target_id.eq(viewer)))
                .select(blocks::id),
        )))
        .and(not(exists(
            mutes::table
                .filter(mutes::actor_id.eq(viewer).and(mutes::target_id.eq(posts::author_id)))
                .filter(mutes::expires_at.is_null().or(mutes::expires_at.gt(now)))
                .select(mutes::id),
        ))),
    )
}

/// Posts in private groups: there an author's followers are not enough, a reader has to be a member.
pub(super) fn in_private_group() -> Condition {
    Box::new(exists(
        actors::table
            .filter(actors::id.nullable().eq(posts::group_id).assume_not_null())
            .filter(actors::kind.eq(ActorKind::Group).and(actors::locked.eq(true)))
            .select(actors::id),
    ))
}

/// Posts in groups that `viewer` is a member of.
pub(super) fn among_members(viewer: ActorId) -> Condition {
    Box::new(exists(
        follows::table
            .filter(follows::follower_id.eq(viewer).and(follows::accepted_at.is_not_null()))
            .filter(follows::target_id.nullable().eq(posts::group_id).assume_not_null())
            .select(follows::id),
    ))
}

/// Posts that no private group keeps from `viewer`.
pub(super) fn not_behind_doors(viewer: ActorId) -> Condition {
    Box::new(posts::group_id.is_null().or(among_members(viewer)).or(not(in_private_group())))
}

/// What a boost passes on is not by somebody whom the viewer blocked or muted.
pub(super) fn original_not_shunned(viewer: ActorId, now: Time) -> Condition {
    let original_author = ORIGINALS.field(posts::author_id);
    let is_original = || ORIGINALS.field(posts::id).nullable().eq(posts::boost_of_id);
    let by_blocked = exists(
        ORIGINALS
            .inner_join(
                blocks::table
                    .on(blocks::target_id.eq(original_author).and(blocks::actor_id.eq(viewer))),
            )
            .filter(is_original())
            .select(ORIGINALS.field(posts::id)),
    );
    let by_muted = exists(
        ORIGINALS
            .inner_join(
                mutes::table
                    .on(mutes::target_id.eq(original_author).and(mutes::actor_id.eq(viewer))),
            )
            .filter(is_original())
            .filter(mutes::expires_at.is_null().or(mutes::expires_at.gt(now)))
            .select(ORIGINALS.field(posts::id)),
    );
    Box::new(posts::boost_of_id.is_null().or(not(by_blocked).and(not(by_muted))))
}

/// Posts whose author is not suspended here.
pub(super) fn by_somebody_shown() -> Condition {
    Box::new(not(exists(
        actors::table
            .filter(actors::id.eq(posts::author_id))
            .filter(actors::suspended_at.is_not_null())
            .select(actors::id),
    )))
}

/// Posts that may stand in public lists: their author's server is not kept at arm's length.
pub(super) fn from_open_servers() -> Condition {
    Box::new(not(exists(
        actors::table
            .inner_join(servers::table.on(servers::host.eq(actors::host)))
            .filter(actors::id.eq(posts::author_id))
            .filter(servers::policy.ne(ServerPolicy::Open))
            .select(actors::id),
    )))
}

/// What `viewer` may read at all; nobody in particular reads only what is open.
pub(in crate::db) fn readable(viewer: Option<ActorId>) -> Condition {
    let open = posts::visibility.among([Visibility::Public, Visibility::Unlisted]);
    let Some(viewer) = viewer else { return Box::new(open.and(by_somebody_shown())) };
    let mentioned = exists(
        mentions::table
            .filter(mentions::post_id.eq(posts::id).and(mentions::actor_id.eq(viewer)))
            .select(mentions::post_id),
    );
    let follower = exists(
        follows::table
            .filter(follows::follower_id.eq(viewer).and(follows::target_id.eq(posts::author_id)))
            .filter(follows::accepted_at.is_not_null())
            .select(follows::id),
    );
    // In a private group its members are the followers; in a public one only the author's are.
    let fellow_member = exists(
        follows::table
            .inner_join(actors::table.on(actors::id.eq(follows::target_id)))
            .filter(follows::follower_id.eq(viewer).and(follows::accepted_at.is_not_null()))
            .filter(follows::target_id.nullable().eq(posts::group_id).assume_not_null())
            .filter(actors::kind.eq(ActorKind::Group).and(actors::locked.eq(true)))
            .select(follows::id),
    );
    let meant_for_them = open.or(posts::author_id.eq(viewer)).or(mentioned).or(posts::visibility
        .eq(Visibility::Followers)
        .and(follower.and(not(in_private_group())).or(fellow_member)));
    Box::new(meant_for_them.and(by_somebody_shown()))
}
