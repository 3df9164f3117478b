//! How members reach what is here, and how it reaches them: pushes, and the words of posts.

diesel::table! {
    push_subscriptions (id) {
        id -> BigInt,
        token_id -> BigInt,
        actor_id -> BigInt,
        endpoint -> Text,
        p256dh -> Text,
        auth -> Text,
        standard -> Bool,
        alerts -> Text,
        policy -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    pushes (notification_id, subscription_id) {
        notification_id -> BigInt,
        subscription_id -> BigInt,
        host -> Text,
        due_at -> BigInt,
        attempts -> Integer,
        created_at -> BigInt,
    }
}
