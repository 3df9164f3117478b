//! Every page, empty and full, and what must hold of all of them.
use std::{fs, path::Path};

use askama::Template;

use super::{
    health::*,
    help::*,
    operator::*,
    pages::*,
    signing_in::*,
    words::{self, HelpCounts},
    *,
};
use crate::{types::Time, web::assets};

const LONG: &str = "Maximiliana Konstantinopolitanska-Featherstonehaugh of the Lake";

fn now() -> Time {
    Time::parse("2026-11-21T12:00:00Z").unwrap()
}

fn person(name: &str, display: &str, host: &str) -> Person {
    Person {
        display: display.into(),
        pictured: Pictured::default(),
        handle: format!("@{name}@{host}"),
        url: format!("/@{name}"),
        avatar: words::avatar(name, display, "", false),
        staff: name == "ana",
        bot: false,
    }
}

fn page(title: &str, path: &str, signed_in: bool) -> Page {
    Page {
        title: title.into(),
        description: "So that nothing is thrown away.".into(),
        node: "Oak Street".into(),
        domain: "oak.example".into(),
        me: signed_in.then(|| Me {
            name: "ben".into(),
            display: "Ben".into(),
            url: "/@ben".into(),
            avatar: words::avatar("ben", "Ben", "", false),
            operator: false,
        }),
        csrf: if signed_in { "token".into() } else { String::new() },
        flash: signed_in.then(|| Flash {
            kind: FlashKind::Help,
            text: "Thank you for saying so. It is counted: Chloe helped you.".into(),
        }),
        groups: vec![
            NavLink { name: "Repair café".into(), url: "/@repairs".into() },
            NavLink { name: "Garden behind the church".into(), url: "/@garden".into() },
            NavLink { name: LONG.into(), url: "/@long".into() },
        ],
        joinable: true,
        path: path.into(),
        alternate: "https://oak.example/c/repairs".into(),
        unlisted: true,
    }
}

fn post(id: u32, depth: usize, html: &str) -> Post {
    let people = [
        person("chloe", "Chloe", "oak.example"),
        person("dmitri", "Дмитрий", "elm.example"),
        person("samira", "سميرة", "cedar.example"),
        person("long", LONG, "a-very-long-server-name.community.example"),
    ];
    Post {
        id: id.to_string(),
        url: format!("/@repairs/1#p-{id}"),
        author: people[usize::try_from(id).unwrap() % 4].clone(),
        when: words::when(now().plus_secs(-i64::from(id) * 4000), now()),
        html: html.into(),
        depth,
        answerable: true,
        ..Post::default()
    }
}

fn thread(title: &str, kind: Kind, days: i64) -> ThreadLine {
    ThreadLine {
        url: "/@repairs/1".into(),
        title: title.into(),
        kind,
        author: person("ben", "Ben", "elm.example"),
        when: words::when(now().plus_days(-days), now()),
        waiting_long: kind == Kind::Ask && days > 1,
        answers: if days > 3 { "3 answers".into() } else { String::new() },
        helped: days > 5,
        ..ThreadLine::default()
    }
}

fn groups() -> Vec<GroupLine> {
    let line = |name: &str, purpose: &str, joined| GroupLine {
        name: name.into(),
        handle: "@repairs@oak.example".into(),
        url: "/@repairs".into(),
        avatar: words::avatar(name, name, "", true),
        purpose: purpose.into(),
        members: words::members(212, 9),
        joined,
        ..GroupLine::default()
    };
    vec![
        line(
            "Repair café",
            "So that nothing in our street is thrown away that a neighbour could fix.",
            true,
        ),
        line(
            "Garden behind the church",
            "So that everyone who wants to grow something has a bed for it.",
            false,
        ),
        line(LONG, LONG, false),
    ]
}

fn help() -> Help {
    words::help(HelpCounts {
        window_days: 90,
        receipts: 21,
        helpers: 14,
        helped: 9,
        across_nodes: 6,
        by_staff: 2,
    })
}

fn group(page: Page, standing: Standing) -> GroupPage {
    GroupPage {
        page,
        name: "Repair café".into(),
        pictured: Pictured::default(),
        handle: "@repairs@oak.example".into(),
        address: "repairs".into(),
        url: "/@repairs".into(),
        local: true,
        server: "oak.example".into(),
        purpose: "So that nothing in our street is thrown away that a neighbour could fix.".into(),
        members: words::members(212, 9),
        help: Some(help()),
        standing,
        asks: vec![
            thread("How do I true a wheel?", Kind::Ask, 2),
            thread("Has anyone a soldering iron that I could borrow until Thursday?", Kind::Ask, 0),
            thread(LONG, Kind::Ask, 4),
        ],
        talk: vec![
            thread("The café opens at ten this Saturday", Kind::Talk, 1),
            thread("Why does the coffee machine hum?", Kind::Ask, 9),
        ],
        pager: Pager { newer: String::new(), older: "?older=12".into() },
        ..GroupPage::default()
    }
}

fn thread_page(page: Page) -> ThreadPage {
    let question = Post {
        title: "How do I true a wheel?".into(),
        mine: true,
        author: person("ben", "Ben", "elm.example"),
        original: "https://elm.example/@ben/1".into(),
        ..post(
            1,
            0,
            "<p>It rubs on the brake once per turn. I have a spoke key and patience.</p><ul><li>No stand</li><li>No gauge</li></ul>",
        )
    };
    let helped = Post {
        helped: true,
        thanks: ThanksChoice::TakeBack,
        answer_to: "Ben".into(),
        ..post(
            4,
            1,
            "<p>Turn it upside down and use the brake pad as a gauge. A quarter turn at a time.</p>",
        )
    };
    let mut replies: Vec<Post> = (0..7)
        .map(|depth| Post {
            thanks: ThanksChoice::Thank,
            mine: depth == 1,
            answer_to: if depth == 3 { "Chloe".into() } else { String::new() },
            answer_to_url: "#p-4".into(),
            ..post(
                u32::try_from(depth).unwrap() + 5,
                depth.max(1),
                "<p>I have a stand. Come by on Saturday.</p>",
            )
        })
        .collect();
    replies.push(Post {
        warning: "About a broken finger".into(),
        seen_by: "only you and Ben".into(),
        edited: true,
        html: "<p>مرحبا، لدي أداة</p>".into(),
        pictures: vec![Picture {
            id: "7".into(),
            url: "/static/icon.svg".into(),
            full: "/static/icon.svg".into(),
            description: "A wheel on a table".into(),
            width: 400,
            height: 300,
            is_image: true,
            ..Picture::default()
        }],
        sensitive: true,
        ..post(20, 1, "")
    });
    ThreadPage {
        page,
        group: "Repair café".into(),
        group_url: "/@repairs".into(),
        heading: "How do I true a wheel?".into(),
        titled: true,
        is_ask: true,
        question,
        helped: vec![helped],
        replies_title: "8 more answers".into(),
        replies,
        can_reply: true,
        reply_hint: "Everyone in Repair café can read this.".into(),
        ..ThreadPage::default()
    }
}

fn poll(open: bool) -> Poll {
    let choice = |index: usize, title: &str, percent| PollChoice {
        index,
        pictured: Pictured::default(),
        title: title.into(),
        percent,
        mine: index == 1,
    };
    Poll {
        choices: vec![choice(0, "First Saturday", 40), choice(1, LONG, 60), choice(2, "Never", 0)],
        multiple: !open,
        open,
        hidden: false,
        voters: "5 people voted".into(),
        clock: "closes in 5 days".into(),
    }
}

fn servers() -> Vec<ServerLine> {
    let line = |host: &str, state| ServerLine {
        host: host.into(),
        software: "mastodon 4.5.1".into(),
        state,
        waiting: "12".into(),
        ..ServerLine::default()
    };
    vec![
        ServerLine {
            last_success: Some(words::when(now(), now())),
            ..line("elm.example", ServerState::Well)
        },
        ServerLine {
            since: words::when(now().plus_days(-2), now()),
            next_try: "in 3 hours".into(),
            last_error: "connection refused".into(),
            ..line("a-very-long-server-name.community.example", ServerState::Failing)
        },
        ServerLine {
            since: words::when(now().plus_days(-9), now()),
            limited: true,
            ..line("birch.example", ServerState::Dead)
        },
        line("cedar.example", ServerState::New),
        line("thorn.example", ServerState::Blocked),
    ]
}

fn wrong() -> Form {
    Form::default()
        .with("username", "Ana Maria")
        .with("kind", "ask")
        .with("visibility", "public")
        .with_problem("username", "Use letters, digits and _ only.")
        .with_problem("password", "Choose a password of at least 8 characters.")
        .with_problem("body", "Write something first.")
        .with_problem("purpose", "Say why the group should exist.")
}

/// Name, HTML of every page: once as poor as can be, once full.
fn all() -> Vec<(&'static str, String)> {
    macro_rules! rendered {
        ($($name:literal => $page:expr),+ $(,)?) => { vec![$(($name, $page.render().unwrap())),+] };
    }
    let mut poor = poor();
    let mut full = rendered! {
        "front-visitor" => FrontPage {
            page: page("", "/", false), purpose: "Neighbours who help each other.".into(),
            groups: groups(), ..FrontPage::default() },
        "front-member" => FrontPage {
            page: page("", "/", true), groups: groups(),
            home: Some(Home {
                in_groups: true,
                asks: vec![ThreadLine { group: "Repair café".into(), group_url: "/@repairs".into(), ..thread("How do I true a wheel?", Kind::Ask, 2) }],
                talk: vec![thread("The café opens at ten this Saturday", Kind::Talk, 7)],
            }), ..FrontPage::default() },
        "front-newcomer" => FrontPage {
            page: page("", "/", true), groups: groups(), home: Some(Home::default()), ..FrontPage::default() },
        "group-visitor" => group(page("Repair café", "/@repairs", false), Standing::Visitor),
        "group-stranger" => group(page("Repair café", "/@repairs", true), Standing::Stranger),
        "group-member" => group(page("Repair café", "/@repairs", true), Standing::Member),
        "group-new" => GroupPage { asks: vec![], talk: vec![], pager: Pager::default(), help: Some(words::help(HelpCounts::default())),
            ..group(page("Repair café", "/@repairs", true), Standing::Member) },
        "thread-member" => thread_page(page("How do I true a wheel?", "/@repairs/1", true)),
        "thread-visitor" => ThreadPage { can_reply: false, address: "https://oak.example/@repairs/1".into(), ..thread_page(page("How do I true a wheel?", "/@repairs/1", false)) },
        "profile" => ProfilePage {
            page: page("Chloe", "/@chloe", true), person: person("chloe", LONG, "oak.example"),
            bio: "<p>I fix <a href=\"/tags/bikes\">#bikes</a>.</p>".into(),
            fields: vec![
                Field { name: "Bakes".into(), value: "on <b>Sundays</b>".into(), linked_since: String::new() },
                Field { name: "Home".into(), value: "<a href=\"https://chloe.example\" rel=\"me nofollow noopener\">chloe.example</a>".into(), linked_since: "3 March 2026".into() },
            ], since: "here since March 2026".into(),
            follow: Follow::No, posts: vec![post(3, 1, "<p>Hello</p>"), post(4, 1, "<p>Again</p>")], ..ProfilePage::default() },
        "tag" => TagPage { page: page("#bikes", "/tags/bikes", true), tag: "bikes".into(), posts: vec![post(3, 1, "<p>Hello</p>")], ..TagPage::default() },
        "sign-in" => SignInPage { page: page("Sign in", "/auth/sign_in", false), app: "Tusky".into(), form: Form::default().with_problem("", "This name and password do not go together. Check both.") },
        "sign-up" => SignUpPage { page: page("Join", "/auth/sign_up", false), mode: SignUp::Open, rules: vec!["Be kind.".into()], form: wrong(), username_hint: "You will be @name@oak.example. Letters, digits and _.".into() },
        "sign-up-approval" => SignUpPage { page: page("Join", "/auth/sign_up", false), mode: SignUp::Approval, ..SignUpPage::default() },
        "sign-up-invite" => SignUpPage { page: page("Join", "/auth/sign_up", false), mode: SignUp::Invite, ..SignUpPage::default() },
        "authorize" => AuthorizePage { page: page("Let Tusky in?", "", true), app: "Tusky".into(), website: "https://tusky.app".into(),
            scopes: vec!["Read what you can read".into(), "Write as you".into()], leads_to: "Afterwards you are taken back to the app.".into(),
            parameters: vec![("client_id".into(), "\"><b>".into())], other_account: "/auth/sign_in".into() },
        "code" => CodePage { page: page("Code", "", true), code: "abcdef0123456789".into() },
        "compose" => ComposePage { page: page("Write", "/new", true), heading: "Ask the group".into(), action: "/new".into(),
            groups: vec![("repairs".into(), "Repair café".into())], body_hint: "Up to 10,000 characters.".into(), preview: "<p>Hello</p>".into(),
            more_open: true, button: "Ask the group".into(), seen_by: "Everyone can read it.".into(), form: wrong(), ..ComposePage::default() },
        "reply" => ComposePage { page: page("Reply", "", true), heading: "Reply to Chloe".into(), action: "/posts/1/reply".into(),
            answers: Some(post(4, 1, "<p>Turn it upside down.</p>")), button: "Reply".into(), ..ComposePage::default() },
        "new-group" => NewGroupPage { page: page("Start a group", "/groups/new", true), address_hint: "It will be @name@oak.example. Letters, digits and _.".into(), form: wrong() },
        "settings" => ProfileSettingsPage { page: page("Settings", "/settings", true), form: Form::default().with("bio", "I fix bikes") },
        "settings-account" => AccountSettingsPage { page: page("Settings", "/settings/account", true), operator: false, email: "ben@elm.example".into(), wanted: "ben@oak.example".into(), room: words::room(52_428_800, Some(1 << 30)), form: wrong() },
        "settings-help" => HelpSettingsPage { page: page("Settings", "/settings/help", true), opted_out: false, receipts: vec![ReceiptLine {
            id: "1".into(), when: words::when(now(), now()), given: true, other: person("ben", "Ben", "elm.example"), post_url: "/@repairs/1".into(),
            group: "Repair café".into(), group_url: "/@repairs".into(), note: "not counted: the third time this week".into(), declinable: true }; 3],
            ledger_lines: vec![LedgerLine { when: words::when(now(), now()), words: format!("{LONG} helped you"), entry: 12_345, group: "Repair café".into(), group_url: "/@repairs@elm.example".into() }; 2],
            groups: vec![ForgetLine { name: "Repair café".into(), url: "/@repairs".into(), action: "/settings/help/forget/7".into() }; 2],
            ..HelpSettingsPage::default() },
        "news" => NewsPage {
            page: page("News", "/notifications", true),
            requests: vec![person("dmitri", LONG, "elm.example")],
            lines: vec![NewsLine { person: person("ana", "Ana", "oak.example"), what: "says that you helped".into(), thanks: true,
                title: "How do I true a wheel?".into(), url: "/@repairs/1".into(), when: words::when(now(), now()) }; 2],
            ..NewsPage::default() },
        "poll" => ThreadPage {
            question: Post { poll: Some(poll(true)), ..post(2, 0, "<p>When shall we open?</p>") },
            helped: vec![], replies: vec![Post { poll: Some(poll(false)), rtl: true, ..post(9, 1, "<p>شكرا</p>") }],
            ..thread_page(page("When shall we open?", "/@repairs/1", true)) },
        "edit" => EditPage { page: page("Change your post", "/posts/1/edit", true), id: "1".into(), has_title: true, back: "/@ben/1".into(),
            pictures: vec![Picture { id: "7".into(), is_image: true, url: "/media/a.webp".into(), ..Picture::default() }], form: wrong(), ..EditPage::default() },
        "history" => HistoryPage { page: page("What this post said", "/posts/1/history", false), author: person("ben", LONG, "elm.example"), back: "/@ben/1".into(),
            forms: vec![EarlierForm { html: "<p>Now</p>".into(), when: words::when(now(), now()), ..EarlierForm::default() },
                EarlierForm { html: "<p>Before</p>".into(), title: "A date".into(), warning: "Blood".into(), ..EarlierForm::default() }] },
        "search" => SearchPage { page: page("Search", "/search", true), asked: "re".into(), groups: groups(), people: vec![person("ben", LONG, "elm.example")],
            posts: vec![post(3, 1, "<p>Hello</p>")], tags: vec!["repair".into()], ..SearchPage::default() },
        "search-nothing" => SearchPage { page: page("Search", "/search", false), asked: "zzz".into(), ..SearchPage::default() },
        "search-no-answer" => SearchPage { page: page("Search", "/search", true), asked: "@a@b.example".into(), problem: "Nothing answers there.".into(), ..SearchPage::default() },
        "operator" => OperatorPage { page: page("Who waits", "/operator", true), mode: SignUp::Approval, more: true, asked: "1 question about staff waits for your answer".into(), waiting: vec![
            WaitingLine { person: person("dmitri", "Дмитрий", "oak.example"), name: "dmitri".into(), email: "d@elm.example".into(), unconfirmed: true, reason: "I repair radios.".into(), when: words::when(now(), now()) },
            WaitingLine { person: person("long", LONG, "oak.example"), name: "long".into(), email: "l@elm.example".into(), ..WaitingLine::default() }] },
        "operator-invites" => InvitesPage { page: page("Invites", "/operator/invites", true), mode: SignUp::Invite, link: "https://oak.example/auth/sign_up?invite=abc".into(),
            invites: vec![InviteLine { id: "0123456789".into(), by: person("ana", "Ana", "oak.example"), left: "3 people".into(), ends: "in 6 days".into(), when: words::when(now(), now()) }],
            form: Form::default().with("uses", "0").with_problem("uses", "An invite is for 1 to 100 people.") },
        "operator-emoji" => EmojisPage { page: page("Emoji", "/operator/emoji", true), begun: true, next: "/operator/emoji?after=x".into(), form: wrong(),
            emojis: vec![EmojiLine { name: "blobcat".into(), url: "/media/aa/bb/x.png".into(), category: LONG.into(), hidden: true, disabled: true }] },
        "operator-servers" => ServersPage { page: page("Other servers", "/operator/servers", true), summary: "This server knows 4 servers.".into(), begun: true,
            next: "/operator/servers?after=x".into(), trouble: true, servers: servers(), faults: vec![FaultLine { group: "Garden".into(), group_url: "/@garden@elm.example".into(), why: "Entry 9 was changed after it was written.".into(), when: When::default(), evidence: "/ledgers/faults/1".into() }] },
        "operator-staff" => StaffPage { page: page("Staff", "/operator/staff", true), form: Form::default().with("address", "@x@y").with_problem("address", "Nobody of that address is known here."),
            questions: vec![QuestionLine { id: "7".into(), person: person("long", LONG, "elm.example"), group: "Repair café".into(), log_url: "/@repairs/log".into(), due: "6 December 2026".into(), left: "in 13 days".into(), since: words::when(now(), now()) },
                QuestionLine { id: "8".into(), person: person("ben", "Ben", "oak.example"), ..QuestionLine::default() }],
            operators: vec![person("ana", "Ana", "oak.example")], staff: vec![StaffLine { person: person("dmitri", "Дмитрий", "elm.example"), address: "dmitri@elm.example".into(), by: "Ana".into(), since: words::when(now(), now()) }] },
        "log" => LogPage { page: page("What was done", "/@repairs/log", true), group: "Repair café".into(), group_url: "/@repairs".into(), local: true, may_ask: true,
            acts: vec![ActLine { by: person("ana", "Ana", "oak.example"), what: "banned", person: Some(person("long", LONG, "elm.example")), reason: "Advertising <b>".into(), until: "6 December 2026".into(), when: words::when(now(), now()) },
                ActLine { what: "took out a post by", ..ActLine::default() }],
            asked: [Answered::Waits, Answered::Staff, Answered::NotStaff, Answered::Never].map(|answered| AskedLine { person: person("ben", "Ben", "oak.example"), answered, by: "Ana".into(), statement: "He fixes the printer.".into(), due: "6 December 2026".into(), when: words::when(now(), now()) }).to_vec(),
            gathering: vec![GatheringLine { id: "9".into(), person: person("long", LONG, "elm.example"), address: "long@elm.example".into(), count: "1 of 3".into(), mine: true },
                GatheringLine { id: "10".into(), person: person("dmitri", "Дмитрий", "elm.example"), address: "dmitri@elm.example".into(), count: "2 of 3".into(), mine: false }],
            form: Form::default().with("about", "x").with_problem("about", "Nobody of that address is known here."), ..LogPage::default() },
        "requests" => RequestsPage { page: page("Who asks to join", "/@quiet/requests", true), group: "Night shift".into(), group_url: "/@quiet".into(),
            people: vec![person("ben", "Ben", "elm.example"), person("long", LONG, "oak.example")], more: true },
        "group-private" => GroupPage { private: true, asking: "2 people ask to join".into(), ..group(page("Night shift", "/@quiet", true), Standing::Stranger) },
        "health" => HealthPage { page: page("How Repair café is doing", "/@repairs/health", false), name: "Repair café".into(), url: "/@repairs".into(),
            lead: "If the busiest person left, 64 % would still have two or more people to turn to.".into(), parts: vec![Part { id: "held", title: "Who could take it away",
                sentences: vec!["This group is held by oak.example.".into()], figures: vec![Figure { title: "What is in whose hands".into(), svg: crate::health::draw::trend(&[], crate::health::draw::Course::Gave, "gave") }] }],
            missing: vec!["Who carries the help: from 30 thanks on.".into()], counted: "Counted from 41 entries of the ledger.".into(),
            export: "/c/repairs/ledger/export".into(), figures: "/c/repairs/health".into(), address: "https://oak.example/@repairs".into() },
        "second-step" => SecondStepPage { page: page("Your code", "/auth/code", false), app: "Tusky".into(), form: Form::default().with_problem("code", "This code is not right.") },
        "forgot" => ForgotPage { page: page("A new password", "/auth/forgot", false), mail: true, form: wrong(), ..ForgotPage::default() },
        "forgot-no-mail" => ForgotPage { page: page("A new password", "/auth/forgot", false), contact: "ana@oak.example".into(), ..ForgotPage::default() },
        "reset" => ResetPage { page: page("Choose a new password", "/auth/reset", false), name: "ben".into(), token: "t".into(), form: Form::default().with_problem("new_password", "Too short.") },
        "settings-sign-in" => SignInSettingsPage { page: page("Settings", "/settings/sign-in", true), two_factor: "6 December 2026".into(),
            sessions: [true, false].map(|here| SessionLine { id: "0123".into(), browser: "Firefox on Windows".into(), since: words::when(now().plus_days(-3), now()), seen: words::when(now(), now()), here }).to_vec(),
            happened: vec![HappenedLine { what: "The app مرحبا was let in.".into(), when: words::when(now(), now()) }; 3] },
        "two-factor-set-up" => TwoFactorPage { page: page("Two-factor", "/settings/two-factor", true), form: Form::default().with_problem("code", "Not right."),
            state: TwoFactor::SettingUp(AppSecret { side: 21, dark: "M0 0h7v1h-7z".into(), secret: "GEZD GNBV".into(), address: "otpauth://totp/a?secret=b&issuer=c".into() }) },
        "two-factor-on" => TwoFactorPage { page: page("Two-factor", "/settings/two-factor", true), form: Form::default().with_problem("password", "Not right."),
            state: TwoFactor::On { since: "6 December 2026".into(), left: "8 recovery codes".into() } },
        "recovery-codes" => RecoveryCodesPage { page: page("Recovery codes", "", true), first: true, codes: vec!["abcd-efgh-ijkm-npqr".into(); 10] },
        "settings-apps" => AppsPage { page: page("Settings", "/settings/apps", true), apps: vec![AppLine { id: "7".into(), name: LONG.into(), website: "https://tusky.app".into(), may: vec!["Read your posts".into(); 2], since: words::when(now(), now()) }; 2] },
        "operator-accounts" => AccountsPage { page: page("Accounts", "/operator/accounts", true), link: "https://oak.example/auth/reset?token=abc".into(), form: Form::default().with("act", "link").with("name", "ben").with_problem("name", "Nobody here has that name.") },
        "setup" => SetupPage { page: page("Set up", "/setup", false), token: "t".into(), form: wrong(), username_hint: String::new() },
        "about" => AboutPage { page: page("About", "/about", false), purpose: "Neighbours.".into(), counts: "12 people in 3 groups.".into(),
            operators: vec![person("ana", "Ana", "oak.example")], contact: "ana@oak.example".into(), rules: vec!["Be kind.".into()] },
        "message" => MessagePage { page: page("Thank you", "", false), heading: "Your request is on its way".into(), lines: vec!["Someone will read it.".into()], link: "/".into(), link_words: "Look around".into() },
        "confirm" => ConfirmPage { page: page("Delete", "", true), heading: "Delete this post?".into(), lines: vec!["It disappears here and other servers are told.".into()],
            action: "/posts/1/delete".into(), button: "Delete the post".into(), dangerous: true, back: "/".into(), back_words: "Keep it".into() },
        "error" => ErrorPage { page: page("Not found", "", false), heading: "There is nothing here".into(), what: "It may have been deleted.".into(), ..ErrorPage::default() },
    };
    full.append(&mut poor);
    full
}

fn poor() -> Vec<(&'static str, String)> {
    macro_rules! empty {
        ($($name:ident),+ $(,)?) => { vec![$((stringify!($name), $name::default().render().unwrap())),+] };
    }
    empty![
        FrontPage,
        GroupPage,
        ThreadPage,
        ProfilePage,
        TagPage,
        SignInPage,
        SignUpPage,
        MessagePage,
        ConfirmPage,
        AuthorizePage,
        CodePage,
        ComposePage,
        NewGroupPage,
        ProfileSettingsPage,
        AccountSettingsPage,
        HelpSettingsPage,
        SetupPage,
        NewsPage,
        EditPage,
        HistoryPage,
        SearchPage,
        SecondStepPage,
        ForgotPage,
        ResetPage,
        SignInSettingsPage,
        TwoFactorPage,
        RecoveryCodesPage,
        AppsPage,
        AccountsPage,
        OperatorPage,
        InvitesPage,
        ServersPage,
        RequestsPage,
        StaffPage,
        LogPage,
        AboutPage,
        ErrorPage,
    ]
}

/// The values of `attribute` in a page, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn pages_need_no_script_and_no_style_of_their_own() {
    for (name, html) in all() {
        assert!(!html.contains("<script"), "{name} has a script");
        assert!(!html.contains("<style"), "{name} has a style element");
        assert!(!html.contains(" style="), "{name} has a style attribute");
        assert!(
            !html.contains(" onclick") && !html.contains("javascript:"),
            "{name} has a handler"
        );
    }
}

#[test]
fn every_page_has_one_heading_and_its_landmarks() {
    for (name, html) in all() {
        assert_eq!(html.matches("<h1").count(), 1, "h1 of {name}");
        assert_eq!(html.matches("<main").count(), 1, "main of {name}");
        assert!(html.contains("href=\"#main\""), "skip link of {name}");
        assert!(html.contains("<html lang=\"en\">"), "language of {name}");
    }
}

#[test]
fn every_field_has_a_label_and_every_id_is_used_once() {
    for (name, html) in all() {
        let (ids, labels) = (values(&html, "id"), values(&html, "for"));
        for field in html.split('<').filter(|tag| {
            ["input ", "textarea ", "select "].iter().any(|kind| tag.starts_with(kind))
                && !tag.contains("type=\"hidden\"")
        }) {
            let id = values(field, "id");
            assert!(
                id.first().is_some_and(|id| labels.contains(id)),
                "{name}: no label for <{field}"
            );
        }
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), ids.len(), "{name} uses an id twice: {ids:?}");
    }
}

#[test]
fn every_described_field_and_every_named_part_points_at_something() {
    for (name, html) in all() {
        let ids = values(&html, "id");
        for attribute in ["aria-describedby", "aria-labelledby", "for"] {
            for target in values(&html, attribute).iter().flat_map(|ids| ids.split_whitespace()) {
                assert!(ids.contains(&target), "{name}: {attribute} names {target}");
            }
        }
    }
}

#[test]
fn what_people_typed_is_escaped() {
    let hostile = "\"><script>alert(1)</script>";
    let page =
        SignInPage { form: Form::default().with("username", hostile), ..SignInPage::default() };
    assert!(!page.render().unwrap().contains("<script"));
}

#[test]
fn a_first_view_stays_under_sixty_kilobytes() {
    let pages = all();
    for (name, html) in &pages {
        let bytes = html.len() + assets::STYLE.len();
        assert!(bytes < 60_000, "{name} weighs {bytes} bytes");
    }
    if let Ok(folder) = std::env::var("COMMONHOLD_TEST_PAGES") {
        leave(Path::new(&folder), &pages);
    }
}

/// `COMMONHOLD_TEST_PAGES=dir cargo test --lib web::views` leaves the pages there, to be looked at.
fn leave(folder: &Path, pages: &[(&str, String)]) {
    fs::create_dir_all(folder.join("static")).unwrap();
    fs::write(folder.join(assets::style_path().trim_start_matches('/')), assets::STYLE).unwrap();
    fs::write(folder.join("static/icon.svg"), assets::ICON).unwrap();
    for (name, html) in pages {
        fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}
