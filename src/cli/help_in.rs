//! `member reset-link`, `confirm`, `two-factor`: helping somebody back into their account.
use commonhold::domain::{account_links, second_step};
use serde_json::json;

use super::{
    Context,
    member::find,
    report::{Failure, Report},
};

pub fn reset_link(context: &Context, name: &str) -> Result<Report, Failure> {
    let app = context.open()?;
    let made = find(&app, name).and_then(|actor| {
        Ok(app.write_now(move |tx| account_links::hand_out(tx, None, actor.id))?)
    });
    app.close();
    let link = format!("{}auth/reset?token={}", context.config.origin(), made?);
    Ok(Report::new(
        format!("For {}, once, within 24 hours: {link}", context.handle(name)),
        json!({ "name": name, "link": link }),
    ))
}

pub fn confirm(context: &Context, name: &str) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name).and_then(|actor| {
        Ok(app.write_now(move |tx| account_links::confirm_by_hand(tx, None, actor.id))?)
    });
    app.close();
    done?;
    Ok(Report::new(
        format!("The e-mail address of {} counts as confirmed.", context.handle(name)),
        json!({ "name": name, "confirmed": true }),
    ))
}

pub fn two_factor_off(context: &Context, name: &str) -> Result<Report, Failure> {
    let app = context.open()?;
    let done = find(&app, name).and_then(|actor| {
        Ok(app.write_now(move |tx| second_step::switch_off(tx, None, actor.id))?)
    });
    app.close();
    done?;
    Ok(Report::new(
        format!("No code is asked of {} any more.", context.handle(name)),
        json!({ "name": name, "two_factor": false }),
    ))
}
