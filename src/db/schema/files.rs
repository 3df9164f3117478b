//! Files of posts, and copies of files of other servers.

diesel::table! {
    media (id) {
        id -> BigInt,
        owner_id -> BigInt,
        post_id -> Nullable<BigInt>,
        position -> Integer,
        kind -> Text,
        content_type -> Text,
        path -> Nullable<Text>,
        preview_path -> Nullable<Text>,
        remote_url -> Nullable<Text>,
        description -> Nullable<Text>,
        blurhash -> Nullable<Text>,
        width -> Nullable<Integer>,
        height -> Nullable<Integer>,
        preview_width -> Nullable<Integer>,
        preview_height -> Nullable<Integer>,
        focus_x -> Double,
        focus_y -> Double,
        size_bytes -> BigInt,
        created_at -> BigInt,
        draft_path -> Nullable<Text>,
        problem -> Nullable<Text>,
        duration_ms -> Nullable<BigInt>,
        frame_rate -> Nullable<Text>,
        bit_rate -> Nullable<BigInt>,
    }
}

diesel::table! {
    cached_files (digest) {
        digest -> Text,
        path -> Nullable<Text>,
        size_bytes -> BigInt,
        fetched_at -> BigInt,
        used_at -> BigInt,
        retry_at -> BigInt,
    }
}
