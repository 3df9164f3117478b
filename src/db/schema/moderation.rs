//! What stewards keep, and what people do to each other's posts beyond likes.

diesel::table! {
    policies (post_id) {
        post_id -> BigInt,
        can_reply -> Nullable<Text>,
        can_announce -> Nullable<Text>,
        can_quote -> Nullable<Text>,
        ask_reply -> Nullable<Text>,
        ask_quote -> Nullable<Text>,
    }
}

diesel::table! {
    moderators (group_id, actor_uri) {
        group_id -> BigInt,
        actor_uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    locks (post_id) {
        post_id -> BigInt,
        by_id -> BigInt,
        ap_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    removals (post_id) {
        post_id -> BigInt,
        by_id -> BigInt,
        ap_id -> Text,
        reason -> Text,
        created_at -> BigInt,
        ban_ap_id -> Nullable<Text>,
    }
}

diesel::table! {
    bans (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        by_id -> BigInt,
        ap_id -> Text,
        reason -> Text,
        ends_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    moderation_log (id) {
        id -> BigInt,
        group_id -> BigInt,
        by_id -> BigInt,
        deed -> Text,
        person_id -> Nullable<BigInt>,
        post_id -> Nullable<BigInt>,
        reason -> Text,
        ends_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    reports (id) {
        id -> BigInt,
        ap_id -> Nullable<Text>,
        reporter_id -> BigInt,
        target_id -> BigInt,
        group_id -> Nullable<BigInt>,
        category -> Text,
        comment -> Text,
        forwarded -> Bool,
        created_at -> BigInt,
        resolved_at -> Nullable<BigInt>,
        resolved_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    report_posts (report_id, post_id) {
        report_id -> BigInt,
        post_id -> BigInt,
    }
}

diesel::table! {
    dislikes (id) {
        id -> BigInt,
        actor_id -> BigInt,
        post_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    aliases (actor_id, uri) {
        actor_id -> BigInt,
        uri -> Text,
    }
}

diesel::table! {
    moves (id) {
        id -> BigInt,
        actor_id -> BigInt,
        target_uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    quote_stamps (id) {
        id -> BigInt,
        post_id -> BigInt,
        quote_uri -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    quotes (post_id) {
        post_id -> BigInt,
        quoted_id -> Nullable<BigInt>,
        quoted_uri -> Text,
        state -> Text,
        legacy -> Bool,
        stamp -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    reply_approvals (id) {
        id -> BigInt,
        post_id -> BigInt,
        reply_uri -> Text,
        created_at -> BigInt,
    }
}
