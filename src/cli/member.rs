//! `commonhold member ..`
use std::io::{BufRead as _, IsTerminal as _, Write as _, stdin};

use clap::Subcommand;
use commonhold::{
    api::scopes::Scopes,
    app::App,
    db::{self, actors::Actor},
    domain::{actors, members, oauth, sign_ups, staff},
    error::Error,
    keys::KeyPair,
};
use serde_json::json;

use super::{
    Context, Switch, help_in,
    password::Password,
    report::{Failure, Report},
};

#[derive(Subcommand)]
pub enum Member {
    /// Make an account; it is confirmed at once.
    ///
    /// Without --password-stdin the password is asked for, or made up and printed where nobody
    /// sits at a terminal.
    Create {
        /// The handle: 3 to 20 of a-z, 0-9 and _.
        name: String,
        /// The e-mail address to sign in with.
        #[arg(long)]
        email: String,
        /// What they are called.
        #[arg(long, default_value = "", hide_default_value = true)]
        display_name: String,
        /// May run this node.
        #[arg(long)]
        operator: bool,
        /// Read the password from the standard input, one line.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a new API token, as the last word.
    Token {
        /// Whose.
        name: String,
        /// What it may be used for.
        #[arg(long, default_value = "read write follow push")]
        scopes: String,
    },
    /// Give somebody a new password; they are signed out everywhere.
    ResetPassword {
        /// Whose.
        name: String,
        /// Read the password from the standard input, one line.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make a link to a new password, to hand out; printed this once, as the last word.
    ///
    /// It works once, for 24 hours. First make sure that it is them.
    ResetLink {
        /// Whose.
        name: String,
    },
    /// Say that somebody's e-mail address is theirs, where the letter never came.
    Confirm {
        /// Whose.
        name: String,
    },
    /// Switch somebody's two-factor off, who lost their phone and their recovery codes.
    TwoFactor {
        /// Whose.
        name: String,
        /// Only they can switch it on.
        #[arg(value_enum)]
        state: Off,
    },
    /// Give an account new keys, and tell every server that knows it.
    RotateKeys {
        /// Whose.
        name: String,
        /// Somebody else may have the old keys: nothing signed with them counts any more.
        #[arg(long)]
        at_once: bool,
    },
    /// Shut an account: it can neither sign in nor be seen.
    Suspend {
        /// Whose.
        name: String,
        /// Open it again.
        #[arg(long)]
        lift: bool,
    },
    /// Declare somebody as one of your people, here or elsewhere, or no longer.
    ///
    /// Help by staff is counted in a column of its own. Who runs the node is staff anyway.
    Staff {
        /// Whom: `name` here, `name@host` elsewhere, where this node has met them.
        name: String,
        /// Whether they are.
        #[arg(value_enum)]
        staff: Switch,
    },
    /// List those who wait to be let in.
    Waiting,
    /// Let somebody in who waits.
    Approve {
        /// Whom.
        name: String,
    },
    /// Turn somebody away who waits; they read the reason when they sign in.
    Deny {
        /// Whom.
        name: String,
        /// Why, in a sentence to them.
        #[arg(long, default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Delete an account with its posts, here and elsewhere, for good.
    Delete {
        /// Whose.
        name: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// What is to hold of somebody's two-factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Off {
    /// No code is asked of them.
    Off,
}

pub fn run(context: &Context, what: Member) -> Result<Report, Failure> {
    match what {
        Member::Create { name, email, display_name, operator, password_stdin } => {
            let password = Password::get(password_stdin)?;
            let applicant = members::Applicant {
                name,
                display_name,
                email,
                password_hash: password.hash()?,
                ..members::Applicant::default()
            };
            create(context, applicant, operator, &password)
        }
        Member::Token { name, scopes } => token(context, &name, &scopes),
        Member::ResetPassword { name, password_stdin } => {
            reset_password(context, &name, password_stdin)
        }
        Member::ResetLink { name } => help_in::reset_link(context, &name),
        Member::Confirm { name } => help_in::confirm(context, &name),
        Member::TwoFactor { name, state: Off::Off } => help_in::two_factor_off(context, &name),
        Member::RotateKeys { name, at_once } => rotate_keys(context, &name, at_once, find),
        Member::Suspend { name, lift } => suspend(context, &name, !lift),
        Member::Staff { name, staff } => declare(context, &name, staff == Switch::On),
        Member::Waiting => waiting(context),
        Member::Approve { name } => approve(context, &name),
        Member::Deny { name, reason } => deny(context, &name, reason),
        Member::Delete { name, yes } => delete(context, &name, yes),
    }
}

fn create(
    context: &Context,
    applicant: members::Applicant,
    operator: bool,
    password: &Password,
) -> Result<Report, Failure> {
    let keys = KeyPair::generate()?;
    let app = context.open()?;
    let email = applicant.email.clone();
    let made = app.write_now(move |tx| members::create(tx, applicant, keys, operator));
    app.close();
    let actor = made?;
    let handle = context.handle(&actor.name);
    let role = if operator { ", who may run this node" } else { "" };
    let mut text = format!("Made {handle}{role}.");
    let mut data = json!({
        "id": actor.id.to_string(), "name": actor.name, "handle": handle, "email": email,
        "operator": operator,
    });
    tell(&mut text, &mut data, password);
    Ok(Report::new(text, data))
}

/// Adds a password that was made up, so that it can be handed on.
fn tell(text: &mut String, data: &mut serde_json::Value, password: &Password) {
    if password.made_up {
        text.push_str("\nPassword: ");
        text.push_str(&password.text);
        if let Some(data) = data.as_object_mut() {
            data.insert("password".into(), password.text.clone().into());
        }
    }
}

fn token(context: &Context, name: &str, scopes: &str) -> Result<Report, Failure> {
    let scopes = Scopes::parse(scopes)?.to_string();
    let app = context.open()?;
    let wanted = scopes.clone();
    let issued = find(&app, name).and_then(|actor| {
        if !actor.is_active() {
            return Err(Failure::new(format!("{name} is suspended")));
        }
        Ok(app.write_now(move |tx| oauth::issue(tx, None, Some(actor.id), &wanted))?.0)
    });
    app.close();
    let token = issued?;
    Ok(Report::new(
        format!("Token of {} for {scopes}: {token}", context.handle(name)),
        json!({ "name": name, "scopes": scopes, "token": token }),
    ))
}

fn reset_password(context: &Context, name: &str, from_stdin: bool) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name).and_then(|actor| {
        let password = Password::get(from_stdin)?;
        let hash = password.hash()?;
        app.write_now(move |tx| members::set_password(tx, actor.id, hash, None))?;
        Ok(password)
    });
    app.close();
    let password = done?;
    let mut text = format!("{} has a new password.", context.handle(name));
    let mut data = json!({ "name": name });
    tell(&mut text, &mut data, &password);
    Ok(Report::new(text, data))
}

/// Gives whomever `find` finds new keys.
pub fn new_keys(
    context: &Context,
    at_once: bool,
    find: impl FnOnce(&App) -> Result<Actor, Failure>,
) -> Result<Actor, Failure> {
    let keys = KeyPair::generate()?;
    let app = context.open()?;
    let done = find(&app).and_then(|actor| {
        Ok(app.write_now(move |tx| actors::rotate_keys(tx, actor.id, keys, at_once))?)
    });
    app.close();
    done
}

/// The same for a member or a group of that name.
pub fn rotate_keys(
    context: &Context,
    name: &str,
    at_once: bool,
    find: fn(&App, &str) -> Result<Actor, Failure>,
) -> Result<Report, Failure> {
    let actor = new_keys(context, at_once, |app| find(app, name))?;
    Ok(Report::new(
        format!("{} has new keys; other servers are told.", context.handle(&actor.name)),
        json!({ "name": actor.name, "key_id": actor.key_id, "at_once": at_once }),
    ))
}

fn suspend(context: &Context, name: &str, suspended: bool) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name).and_then(|actor| {
        Ok(app.write_now(move |tx| members::suspend(tx, None, actor.id, suspended))?)
    });
    app.close();
    done?;
    let state = if suspended { "suspended" } else { "no longer suspended" };
    Ok(Report::new(
        format!("{} is {state}.", context.handle(name)),
        json!({ "name": name, "suspended": suspended }),
    ))
}

fn declare(context: &Context, name: &str, on: bool) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find_anywhere(&app, context.config.domain(), name).and_then(|actor| {
        Ok((app.write_now(move |tx| staff::declare(tx, None, actor.id, on))?, actor))
    });
    app.close();
    let (changed, actor) = done?;
    let host = if actor.local { context.config.domain() } else { &actor.host };
    let handle = format!("@{}@{host}", actor.name);
    let text = match (on, changed) {
        (true, true) => format!(
            "{handle} is staff from now on. Their help is counted in a column of its own, and every group \
             they are in can read it in its ledger."
        ),
        (true, false) => format!("{handle} is staff already."),
        (false, true) => {
            format!("{handle} is staff no longer. What was counted as staff's stays so.")
        }
        (false, false) => format!("{handle} is not staff."),
    };
    Ok(Report::new(text, json!({ "handle": handle, "staff": on, "changed": changed })))
}

/// The account of that name, here or on a server that this node has met.
fn find_anywhere(app: &App, domain: &str, name: &str) -> Result<Actor, Failure> {
    let bare = name.trim_start_matches('@');
    let (name_there, host) = match bare.split_once('@') {
        Some((name, host)) if !host.eq_ignore_ascii_case(domain) => (name, host.to_lowercase()),
        Some((name, _)) => return find(app, name),
        None => return find(app, bare),
    };
    let name_there = name_there.to_owned();
    let found =
        app.read_now(move |conn| Ok(db::actors::remote_by_handle(conn, &name_there, &host)?))?;
    found.filter(Actor::is_active).ok_or_else(|| {
        Failure::new(format!(
            "this node has not met {name} yet: look for them on the search page, signed in"
        ))
    })
}

/// Most sign-ups that are listed at once.
const MOST_WAITING: i64 = 1_000;

fn waiting(context: &Context) -> Result<Report, Failure> {
    let app = context.open()?;
    let found = app.read_now(|conn| Ok(db::members::waiting(conn, MOST_WAITING)?));
    app.close();
    let rows = found?;
    let mut lines: Vec<String> = rows
        .iter()
        .map(|(member, actor)| {
            format!("{}  {}  {}", actor.name, member.email, member.sign_up_reason)
        })
        .collect();
    if lines.is_empty() {
        lines.push("Nobody waits to be let in.".to_owned());
    }
    let data: Vec<_> = rows
        .iter()
        .map(|(member, actor)| {
            json!({
                "name": actor.name, "email": member.email, "reason": member.sign_up_reason,
                "since": member.created_at.rfc3339(),
            })
        })
        .collect();
    Ok(Report::new(lines.join("\n"), json!(data)))
}

fn approve(context: &Context, name: &str) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name)
        .and_then(|actor| Ok(app.write_now(move |tx| sign_ups::approve(tx, None, actor.id))?));
    app.close();
    done?;
    Ok(Report::new(
        format!("{} is in.", context.handle(name)),
        json!({ "name": name, "approved": true }),
    ))
}

fn deny(context: &Context, name: &str, reason: String) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name).and_then(|actor| {
        Ok(app.write_now(move |tx| sign_ups::deny(tx, None, actor.id, &reason))?)
    });
    app.close();
    done?;
    Ok(Report::new(
        format!("{} is turned away.", context.handle(name)),
        json!({ "name": name, "approved": false }),
    ))
}

fn delete(context: &Context, name: &str, sure: bool) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name).and_then(|actor| {
        if !sure {
            confirm(&context.handle(name), name)?;
        }
        Ok(app.write_now(move |tx| members::delete(tx, None, actor.id))?)
    });
    app.close();
    done?;
    Ok(Report::new(
        format!("{} is deleted. The name stays taken.", context.handle(name)),
        json!({ "name": name, "deleted": true }),
    ))
}

/// Asks, where somebody can answer.
fn confirm(handle: &str, name: &str) -> Result<(), Failure> {
    if !stdin().is_terminal() {
        return Ok(());
    }
    let mut stderr = std::io::stderr();
    write!(stderr, "This deletes {handle} and all their posts for good. Type the name: ")?;
    stderr.flush()?;
    let mut line = String::new();
    stdin().lock().read_line(&mut line)?;
    if line.trim() == name { Ok(()) } else { Err(Failure::new("nothing is deleted")) }
}

/// The member of that name, with or without its @.
pub fn find(app: &App, name: &str) -> Result<Actor, Failure> {
    let login = name.trim_start_matches('@').to_lowercase();
    let found = app.read_now(move |conn| {
        let member = db::members::by_login(conn, &login)?;
        member.map(|(_, actor)| actor).ok_or(Error::NotFound)
    });
    match found {
        Err(Error::NotFound) => Err(Failure::new(format!("there is no member {name} here"))),
        other => Ok(other?),
    }
}
