//! Ledgers, and what is noted to write them.

diesel::table! {
    ledger_state (group_id) {
        group_id -> BigInt,
        size -> BigInt,
        frontier -> Text,
        last_at -> BigInt,
    }
}

diesel::table! {
    ledger_entries (group_id, seq) {
        group_id -> BigInt,
        seq -> BigInt,
        commitment -> Text,
        salt -> Nullable<Text>,
        payload -> Nullable<Text>,
        signed_with -> Nullable<Text>,
        restored -> Bool,
    }
}

diesel::table! {
    ledger_names (actor_id, group_id, seq) {
        actor_id -> BigInt,
        group_id -> BigInt,
        seq -> BigInt,
    }
}

diesel::table! {
    ledger_nodes (group_id, level, position) {
        group_id -> BigInt,
        level -> Integer,
        position -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    ledger_heads (group_id, size) {
        group_id -> BigInt,
        size -> BigInt,
        document -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    ledger_people (group_id, actor_id) {
        group_id -> BigInt,
        actor_id -> BigInt,
        member -> Bool,
        bot -> Bool,
        staff -> Bool,
        opted_out -> Bool,
        wrote -> Bool,
        week -> BigInt,
    }
}

diesel::table! {
    ledger_threads (thread_id) {
        thread_id -> BigInt,
        by_member -> Bool,
        by_staff -> Bool,
    }
}

diesel::table! {
    ledger_followed (group_id) {
        group_id -> BigInt,
        read_again -> BigInt,
        looked_at -> BigInt,
        trouble -> Nullable<Text>,
    }
}

diesel::table! {
    ledger_peers (group_id, origin) {
        group_id -> BigInt,
        origin -> Text,
    }
}

diesel::table! {
    ledger_witnesses (group_id, witness, size) {
        group_id -> BigInt,
        witness -> Text,
        size -> BigInt,
        document -> Text,
        signed_with -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    ledger_faults (id) {
        id -> BigInt,
        group_id -> BigInt,
        kind -> Text,
        subject -> Text,
        evidence -> Text,
        found_at -> BigInt,
    }
}

diesel::table! {
    receipts_restored (group_id, entry) {
        group_id -> BigInt,
        entry -> BigInt,
        thread_id -> Nullable<BigInt>,
        helper_id -> BigInt,
        receiver_id -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    acknowledgements (id) {
        id -> BigInt,
        reply_id -> BigInt,
        document -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    health_reports (group_id) {
        group_id -> BigInt,
        size -> BigInt,
        as_of -> BigInt,
        report -> Text,
    }
}
