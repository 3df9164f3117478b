//! What members set up for themselves.

diesel::table! {
    lists (id) {
        id -> BigInt,
        owner_id -> BigInt,
        title -> Text,
        replies -> Text,
        exclusive -> Bool,
        created_at -> BigInt,
    }
}

diesel::table! {
    list_members (id) {
        id -> BigInt,
        list_id -> BigInt,
        actor_id -> BigInt,
    }
}

diesel::table! {
    filters (id) {
        id -> BigInt,
        owner_id -> BigInt,
        title -> Text,
        contexts -> Text,
        action -> Text,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    filter_keywords (id) {
        id -> BigInt,
        filter_id -> BigInt,
        keyword -> Text,
        whole_word -> Bool,
    }
}

diesel::table! {
    filter_posts (id) {
        id -> BigInt,
        filter_id -> BigInt,
        post_id -> BigInt,
    }
}

diesel::table! {
    private_notes (actor_id, target_id) {
        actor_id -> BigInt,
        target_id -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    endorsements (id) {
        id -> BigInt,
        actor_id -> BigInt,
        target_id -> BigInt,
    }
}

diesel::table! {
    domain_blocks (id) {
        id -> BigInt,
        actor_id -> BigInt,
        host -> Text,
    }
}

diesel::table! {
    thread_mutes (actor_id, thread_id) {
        actor_id -> BigInt,
        thread_id -> BigInt,
    }
}

diesel::table! {
    followed_tags (id) {
        id -> BigInt,
        actor_id -> BigInt,
        tag -> Text,
    }
}

diesel::table! {
    featured_tags (id) {
        id -> BigInt,
        actor_id -> BigInt,
        tag -> Text,
        written -> Text,
    }
}

diesel::table! {
    notification_policies (actor_id) {
        actor_id -> BigInt,
        not_following -> Text,
        not_followers -> Text,
        new_accounts -> Text,
        private_mentions -> Text,
        limited_accounts -> Text,
    }
}

diesel::table! {
    notification_requests (id) {
        id -> BigInt,
        actor_id -> BigInt,
        from_id -> BigInt,
        last_post_id -> Nullable<BigInt>,
        notifications_count -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    notification_permissions (actor_id, from_id) {
        actor_id -> BigInt,
        from_id -> BigInt,
    }
}

diesel::table! {
    conversations (id) {
        id -> BigInt,
        actor_id -> BigInt,
        thread_id -> BigInt,
        last_post_id -> BigInt,
        unread -> Bool,
    }
}

diesel::table! {
    scheduled_posts (id) {
        id -> BigInt,
        actor_id -> BigInt,
        due_at -> BigInt,
        draft -> Text,
        problem -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    scheduled_media (media_id) {
        media_id -> BigInt,
        scheduled_id -> BigInt,
    }
}

diesel::table! {
    announcements (id) {
        id -> BigInt,
        source -> Text,
        content -> Text,
        starts_at -> Nullable<BigInt>,
        ends_at -> Nullable<BigInt>,
        all_day -> Bool,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    announcement_reads (announcement_id, actor_id) {
        announcement_id -> BigInt,
        actor_id -> BigInt,
    }
}

diesel::table! {
    announcement_reactions (announcement_id, name, actor_id) {
        announcement_id -> BigInt,
        name -> Text,
        actor_id -> BigInt,
    }
}
