//! The tables, as the migrations make them.

mod community;
mod emoji;
mod files;
mod ledger;
mod moderation;
mod own;
mod reach;
mod signing_in;

pub use community::{
    group_summaries, staff, staff_petitioners, staff_petitions, submissions, thread_looks, weeks,
};
pub use emoji::emojis;
pub use files::{cached_files, media};
pub use ledger::{
    acknowledgements, health_reports, ledger_entries, ledger_faults, ledger_followed, ledger_heads,
    ledger_names, ledger_nodes, ledger_peers, ledger_people, ledger_state, ledger_threads,
    ledger_witnesses, receipts_restored,
};
pub use moderation::{
    aliases, bans, dislikes, locks, moderation_log, moderators, moves, policies, quote_stamps,
    quotes, removals, reply_approvals, report_posts, reports,
};
pub use reach::{push_subscriptions, pushes};

pub use own::{
    announcement_reactions, announcement_reads, announcements, conversations, domain_blocks,
    endorsements, featured_tags, filter_keywords, filter_posts, filters, followed_tags,
    list_members, lists, notification_permissions, notification_policies, notification_requests,
    private_notes, scheduled_media, scheduled_posts, thread_mutes,
};
pub use signing_in::{
    account_links, account_news, address_changes, halfway, invites, oauth_apps, oauth_codes,
    oauth_tokens, recovery_codes, second_steps, sessions, sign_in_tries,
};

diesel::table! {
    leases (slot) {
        slot -> Integer,
        holder -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    actors (id) {
        id -> BigInt,
        kind -> Text,
        name -> Text,
        host -> Text,
        local -> Bool,
        ap_id -> Text,
        url -> Text,
        inbox -> Text,
        shared_inbox -> Nullable<Text>,
        outbox -> Nullable<Text>,
        followers_uri -> Nullable<Text>,
        featured_uri -> Nullable<Text>,
        moderators_uri -> Nullable<Text>,
        display_name -> Text,
        summary -> Text,
        summary_source -> Text,
        avatar -> Nullable<Text>,
        header -> Nullable<Text>,
        locked -> Bool,
        discoverable -> Bool,
        fields -> Text,
        public_key -> Text,
        key_id -> Text,
        moved_to -> Nullable<Text>,
        suspended_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        created_at -> BigInt,
        refreshed_at -> BigInt,
        followers_count -> BigInt,
        following_count -> BigInt,
        posts_count -> BigInt,
        last_post_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    actor_keys (actor_id) {
        actor_id -> BigInt,
        rsa_private -> Text,
        ed25519_private -> Text,
        ed25519_public -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    public_keys (key_id) {
        key_id -> Text,
        actor_id -> BigInt,
        material -> Text,
        until -> Nullable<BigInt>,
    }
}

diesel::table! {
    former_keys (actor_id) {
        actor_id -> BigInt,
        key_id -> Text,
        rsa_private -> Text,
    }
}

diesel::joinable!(public_keys -> actors (actor_id));

diesel::table! {
    members (actor_id) {
        actor_id -> BigInt,
        email -> Text,
        email_key -> Text,
        password_hash -> Text,
        operator -> Bool,
        confirmed_at -> Nullable<BigInt>,
        approved_at -> Nullable<BigInt>,
        sign_up_reason -> Text,
        invited_by -> Nullable<BigInt>,
        locale -> Text,
        default_visibility -> Text,
        default_sensitive -> Bool,
        default_language -> Nullable<Text>,
        opted_out -> Bool,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        denied_at -> Nullable<BigInt>,
        denied_reason -> Text,
    }
}

diesel::table! {
    groups (actor_id) {
        actor_id -> BigInt,
        purpose -> Text,
        rules -> Text,
        founder_id -> BigInt,
        thanks_words -> Text,
        ask_words -> Text,
        min_account_age_days -> Integer,
        created_at -> BigInt,
        monthly_summary -> Bool,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        ap_id -> Text,
        url -> Nullable<Text>,
        author_id -> BigInt,
        local -> Bool,
        kind -> Text,
        group_id -> Nullable<BigInt>,
        thread_id -> BigInt,
        in_reply_to_id -> Nullable<BigInt>,
        in_reply_to_uri -> Nullable<Text>,
        boost_of_id -> Nullable<BigInt>,
        visibility -> Text,
        title -> Nullable<Text>,
        content -> Text,
        source -> Nullable<Text>,
        spoiler_text -> Text,
        sensitive -> Bool,
        language -> Nullable<Text>,
        is_ask -> Bool,
        helped -> Bool,
        app_id -> Nullable<BigInt>,
        replies_count -> BigInt,
        likes_count -> BigInt,
        boosts_count -> BigInt,
        dislikes_count -> BigInt,
        created_at -> BigInt,
        edited_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    tombstones (ap_id) {
        ap_id -> Text,
        deleted_at -> BigInt,
    }
}

diesel::table! {
    post_edits (id) {
        id -> BigInt,
        post_id -> BigInt,
        title -> Nullable<Text>,
        content -> Text,
        source -> Nullable<Text>,
        spoiler_text -> Text,
        sensitive -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    mentions (post_id, actor_id) {
        post_id -> BigInt,
        actor_id -> BigInt,
    }
}

diesel::table! {
    post_tags (tag, post_id) {
        tag -> Text,
        post_id -> BigInt,
        written -> Text,
    }
}

diesel::table! {
    polls (id) {
        id -> BigInt,
        post_id -> BigInt,
        multiple -> Bool,
        options -> Text,
        voters_count -> Nullable<BigInt>,
        ends_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
        hide_totals -> Bool,
    }
}

diesel::table! {
    poll_votes (poll_id, actor_id, choice) {
        poll_id -> BigInt,
        actor_id -> BigInt,
        choice -> Integer,
        created_at -> BigInt,
    }
}

diesel::table! {
    follows (id) {
        id -> BigInt,
        follower_id -> BigInt,
        target_id -> BigInt,
        accepted_at -> Nullable<BigInt>,
        ap_id -> Nullable<Text>,
        show_boosts -> Bool,
        notify -> Bool,
        created_at -> BigInt,
        languages -> Text,
    }
}

diesel::table! {
    likes (id) {
        id -> BigInt,
        actor_id -> BigInt,
        post_id -> BigInt,
        ap_id -> Nullable<Text>,
        content -> Nullable<Text>,
        created_at -> BigInt,
        emoji_url -> Nullable<Text>,
    }
}

diesel::table! {
    bookmarks (id) {
        id -> BigInt,
        actor_id -> BigInt,
        post_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    pins (actor_id, post_id) {
        actor_id -> BigInt,
        post_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    blocks (id) {
        id -> BigInt,
        actor_id -> BigInt,
        target_id -> BigInt,
        ap_id -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    mutes (id) {
        id -> BigInt,
        actor_id -> BigInt,
        target_id -> BigInt,
        notifications -> Bool,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    notifications (id) {
        id -> BigInt,
        recipient_id -> BigInt,
        kind -> Text,
        from_id -> BigInt,
        post_id -> Nullable<BigInt>,
        dedup -> Text,
        created_at -> BigInt,
        filtered -> Bool,
        group_key -> Text,
    }
}

diesel::table! {
    markers (actor_id, timeline) {
        actor_id -> BigInt,
        timeline -> Text,
        last_read_id -> Text,
        version -> Integer,
        updated_at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (actor_id, idempotency_key) {
        actor_id -> BigInt,
        idempotency_key -> Text,
        post_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    activities (id) {
        id -> BigInt,
        ap_id -> Text,
        kind -> Text,
        actor_id -> BigInt,
        object_uri -> Nullable<Text>,
        local -> Bool,
        open -> Bool,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    servers (host) {
        host -> Text,
        class -> Text,
        software -> Text,
        version -> Text,
        checked_at -> BigInt,
        policy -> Text,
        failures -> Integer,
        failing_since -> Nullable<BigInt>,
        retry_at -> BigInt,
        last_success_at -> Nullable<BigInt>,
        last_error -> Text,
        created_at -> BigInt,
        policy_at -> Nullable<BigInt>,
        signatures -> Nullable<Text>,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        activity_id -> BigInt,
        signer_id -> BigInt,
        host -> Text,
        inbox -> Text,
        created_at -> BigInt,
        priority -> Integer,
    }
}

diesel::table! {
    waiting_hosts (host) {
        host -> Text,
        priority -> Integer,
        due_at -> BigInt,
        since -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        task -> Text,
        dedup -> Text,
        attempts -> Integer,
        due_at -> BigInt,
        last_error -> Text,
    }
}

diesel::table! {
    receipts (id) {
        id -> BigInt,
        group_id -> BigInt,
        thread_id -> BigInt,
        reply_id -> Nullable<BigInt>,
        helper_id -> BigInt,
        receiver_id -> BigInt,
        via -> Text,
        cause_uri -> Nullable<Text>,
        counted -> Bool,
        reason -> Nullable<Text>,
        staff -> Bool,
        across_nodes -> Bool,
        created_at -> BigInt,
        undone_at -> Nullable<BigInt>,
        declined_at -> Nullable<BigInt>,
        entry -> Nullable<BigInt>,
        nonce -> Text,
    }
}

diesel::table! {
    remote_figures (group_id) {
        group_id -> BigInt,
        figures -> Text,
        fetched_at -> BigInt,
    }
}

diesel::table! {
    audit_log (id) {
        id -> BigInt,
        actor_id -> Nullable<BigInt>,
        act -> Text,
        subject -> Text,
        created_at -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    leases,
    settings,
    actors,
    actor_keys,
    public_keys,
    former_keys,
    members,
    groups,
    sessions,
    invites,
    oauth_apps,
    oauth_codes,
    oauth_tokens,
    posts,
    tombstones,
    post_edits,
    mentions,
    post_tags,
    polls,
    poll_votes,
    media,
    follows,
    likes,
    bookmarks,
    pins,
    blocks,
    mutes,
    notifications,
    markers,
    idempotency_keys,
    activities,
    servers,
    deliveries,
    waiting_hosts,
    jobs,
    receipts,
    remote_figures,
    audit_log,
    submissions,
    thread_looks,
    policies,
    moderators,
    locks,
    removals,
    bans,
    moderation_log,
    reports,
    report_posts,
    dislikes,
    aliases,
    moves,
    quote_stamps,
    ledger_state,
    ledger_entries,
    ledger_names,
    ledger_nodes,
    ledger_heads,
    ledger_people,
    ledger_threads,
    quotes,
    lists,
    list_members,
    filters,
    filter_keywords,
    filter_posts,
    private_notes,
    endorsements,
    domain_blocks,
    thread_mutes,
    followed_tags,
    featured_tags,
    notification_policies,
    notification_requests,
    notification_permissions,
    conversations,
    scheduled_posts,
    scheduled_media,
    announcements,
    announcement_reads,
    announcement_reactions,
    reply_approvals,
    ledger_followed,
    ledger_peers,
    ledger_witnesses,
    ledger_faults,
    health_reports,
    acknowledgements,
    receipts_restored,
    staff,
    staff_petitions,
    staff_petitioners,
    group_summaries,
    second_steps,
    recovery_codes,
    halfway,
    account_links,
    address_changes,
    sign_in_tries,
    account_news,
    push_subscriptions,
    pushes,
    cached_files
);
