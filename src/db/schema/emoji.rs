//! Custom emoji.

diesel::table! {
    emojis (id) {
        id -> BigInt,
        host -> Text,
        shortcode -> Text,
        ap_id -> Nullable<Text>,
        url -> Nullable<Text>,
        path -> Nullable<Text>,
        still_path -> Nullable<Text>,
        content_type -> Text,
        size_bytes -> BigInt,
        category -> Nullable<Text>,
        visible_in_picker -> Bool,
        disabled -> Bool,
        updated_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}
