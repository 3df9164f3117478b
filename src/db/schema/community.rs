//! Whom the operator declares as their own, who asks for that, what groups say themselves, and what
//! comes to them.

diesel::table! {
    staff (actor_id) {
        actor_id -> BigInt,
        since -> BigInt,
        declared_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_petitions (id) {
        id -> BigInt,
        group_id -> BigInt,
        person_id -> BigInt,
        state -> Text,
        statement -> Text,
        answered_by -> Nullable<BigInt>,
        created_at -> BigInt,
        stands_since -> Nullable<BigInt>,
        due_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    staff_petitioners (petition_id, actor_id) {
        petition_id -> BigInt,
        actor_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    group_summaries (group_id, due_at) {
        group_id -> BigInt,
        due_at -> BigInt,
        post_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    weeks (week) {
        week -> BigInt,
        members -> BigInt,
    }
}

diesel::table! {
    submissions (post_id, judge_id) {
        post_id -> BigInt,
        judge_id -> BigInt,
        state -> Text,
        reason -> Nullable<Text>,
        approval -> Nullable<Text>,
        sent_at -> BigInt,
        settled_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    thread_looks (thread_id) {
        thread_id -> BigInt,
        looked_at -> BigInt,
        context -> Nullable<Text>,
    }
}
