//! Who may come in and who is in: invites, sessions, apps; the second step of signing in, links by
//! mail, tries that failed, and what a member is told of it.

diesel::table! {
    second_steps (actor_id) {
        actor_id -> BigInt,
        secret -> Text,
        on_since -> Nullable<BigInt>,
        used_step -> BigInt,
    }
}

diesel::table! {
    recovery_codes (actor_id, code_hash) {
        actor_id -> BigInt,
        code_hash -> Text,
    }
}

diesel::table! {
    halfway (token_hash) {
        token_hash -> Text,
        actor_id -> BigInt,
        failures -> Integer,
        expires_at -> BigInt,
    }
}

diesel::table! {
    account_links (token_hash) {
        token_hash -> Text,
        actor_id -> BigInt,
        purpose -> Text,
        email_key -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    address_changes (id) {
        id -> BigInt,
        actor_id -> BigInt,
        former -> Text,
        email -> Text,
        created_at -> BigInt,
        settled -> Bool,
    }
}

diesel::table! {
    sign_in_tries (subject) {
        subject -> Text,
        failures -> Integer,
        last_at -> BigInt,
        free_at -> BigInt,
    }
}

diesel::table! {
    account_news (id) {
        id -> BigInt,
        actor_id -> BigInt,
        what -> Text,
        detail -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        actor_id -> BigInt,
        csrf_secret -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        seen_at -> BigInt,
        agent -> Text,
    }
}

diesel::table! {
    invites (code) {
        code -> Text,
        inviter_id -> BigInt,
        uses_left -> Integer,
        expires_at -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    oauth_apps (id) {
        id -> BigInt,
        name -> Text,
        website -> Nullable<Text>,
        redirect_uris -> Text,
        scopes -> Text,
        client_id -> Text,
        secret_hash -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    oauth_codes (code_hash) {
        code_hash -> Text,
        app_id -> BigInt,
        actor_id -> BigInt,
        redirect_uri -> Text,
        scopes -> Text,
        challenge -> Nullable<Text>,
        expires_at -> BigInt,
    }
}

diesel::table! {
    oauth_tokens (id) {
        id -> BigInt,
        token_hash -> Text,
        app_id -> Nullable<BigInt>,
        actor_id -> Nullable<BigInt>,
        scopes -> Text,
        created_at -> BigInt,
    }
}
