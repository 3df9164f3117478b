//! The web pages: rendered on the server, whole without JavaScript.
//!
//! `guard` stands around all of them, `reader` knows who asks, `posted` takes forms in, `show`
//! turns rows into what `views` lay out; the rest are the pages.
mod accept;
mod accounts;
mod apps;
mod arriving;
pub mod assets;
mod attached;
mod auth;
mod change;
mod compose;
mod cookies;
mod emojis;
mod follow_from;
mod following;
mod forget;
mod front;
mod guard;
mod health;
mod help;
mod joining;
mod ledgers;
mod links;
mod log;
mod named;
mod news;
mod oauth;
mod operator;
mod own_emojis;
mod passwords;
mod posted;
mod reader;
mod refusal;
mod requests;
mod search;
mod second_steps;
mod servers;
mod sessions;
mod settings;
mod show;
mod staff;
mod threads;
mod two_factor;
pub mod views;

use actix_web::{
    HttpResponse, Route, guard as guards,
    middleware::from_fn,
    web::{ServiceConfig, route, scope},
};

use crate::error::{Error, Result};

pub use guard::too_many;

/// Every page. To be configured last: what nobody else answers is answered here, as a page.
///
/// Needs `web::Data<App>`.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(assets::routes).service(
        scope("")
            .wrap(from_fn(guard::guard))
            .route("/", read().to(front::front))
            .route("/about", read().to(front::about))
            .route("/tags/{tag}", read().to(front::tag))
            .route("/auth/sign_in", read().to(auth::sign_in_form))
            .route("/auth/sign_in", send().to(auth::sign_in))
            .route("/auth/sign_up", read().to(joining::sign_up_form))
            .route("/auth/sign_up", send().to(joining::sign_up))
            .route("/auth/sign_out", read().to(auth::sign_out_form))
            .route("/auth/sign_out", send().to(auth::sign_out))
            .route("/auth/code", read().to(second_steps::form))
            .route("/auth/code", send().to(second_steps::arrive))
            .route("/auth/forgot", read().to(links::forgot_form))
            .route("/auth/forgot", send().to(links::forgot))
            .route("/auth/reset", read().to(links::reset_form))
            .route("/auth/reset", send().to(links::reset))
            .route("/auth/confirm", read().to(links::confirm_form))
            .route("/auth/confirm", send().to(links::confirm))
            .route("/setup", read().to(joining::set_up_form))
            .route("/setup", send().to(joining::set_up))
            .route("/oauth/authorize", read().to(oauth::ask))
            .route("/oauth/authorize/", read().to(oauth::ask))
            .route("/oauth/authorize", send().to(oauth::answer))
            .route("/oauth/authorize/native", read().to(oauth::native))
            .route("/new", read().to(compose::new_form))
            .route("/new", send().to(compose::new))
            .route("/posts/{id}/reply", read().to(compose::reply_form))
            .route("/posts/{id}/reply", send().to(compose::reply))
            .route("/posts/{id}/edit", read().to(change::edit_form))
            .route("/posts/{id}/edit", send().to(change::edit))
            .route("/posts/{id}/history", read().to(change::history))
            .route("/posts/{id}/vote", send().to(change::vote))
            .route("/posts/{id}/delete", read().to(change::delete_form))
            .route("/posts/{id}/delete", send().to(change::delete))
            .route("/posts/{id}/thanks", send().to(help::thank))
            .route("/posts/{id}/unthanks", send().to(help::take_back))
            .route("/search", read().to(search::search))
            .route("/groups/new", read().to(following::found_form))
            .route("/groups/new", send().to(following::found))
            .route("/authorize_interaction", read().to(arriving::arrive))
            .route("/notifications", read().to(news::show))
            .route("/notifications/@{name}", send().to(news::decide))
            .route("/follow-from", send().to(follow_from::go))
            .route("/settings", read().to(settings::profile_form))
            .route("/settings", send().to(settings::profile))
            .route("/settings/account", read().to(settings::account_form))
            .route("/settings/password", send().to(settings::password))
            .route("/settings/email", send().to(settings::email))
            .route("/settings/sign-in", read().to(sessions::show))
            .route("/settings/sessions/end-others", send().to(sessions::end_others))
            .route("/settings/sessions/{id}/end", send().to(sessions::end))
            .route("/settings/two-factor", read().to(two_factor::show))
            .route("/settings/two-factor/begin", send().to(two_factor::begin))
            .route("/settings/two-factor/finish", send().to(two_factor::finish))
            .route("/settings/two-factor/codes", send().to(two_factor::new_codes))
            .route("/settings/two-factor/codes.txt", send().to(two_factor::file))
            .route("/settings/two-factor/off", send().to(two_factor::switch_off))
            .route("/settings/apps", read().to(apps::show))
            .route("/settings/apps/{id}/end", send().to(apps::shut_out))
            .route("/settings/sign-out-everywhere", send().to(settings::sign_out_everywhere))
            .route("/settings/leave", send().to(settings::leave))
            .route("/settings/help", read().to(help::own))
            .route("/settings/help.{form:csv|json}", read().to(help::download))
            .route("/settings/help-signed.json", read().to(forget::copy))
            .route("/settings/help/forget/{group}", read().to(forget::form))
            .route("/settings/help/forget/{group}", send().to(forget::forget))
            .route("/settings/help/counts", send().to(help::counts))
            .route("/settings/help/{id}/decline", send().to(help::decline))
            .route("/operator", read().to(operator::sign_ups))
            .route("/operator/sign-ups/{name}", send().to(operator::decide))
            .route("/operator/invites", read().to(operator::invites))
            .route("/operator/invites", send().to(operator::invite))
            .route("/operator/invites/{id}/revoke", send().to(operator::revoke))
            .route("/operator/accounts", read().to(accounts::show))
            .route("/operator/accounts", send().to(accounts::help))
            .route("/operator/servers", read().to(servers::show))
            .route("/operator/emoji", read().to(own_emojis::show))
            .route("/operator/emoji", send().to(own_emojis::add))
            .route("/operator/emoji/{name}/remove", send().to(own_emojis::remove))
            .route("/operator/staff", read().to(staff::show))
            .route("/operator/staff", send().to(staff::declare))
            .route("/operator/staff/end", send().to(staff::end))
            .route("/operator/staff/questions/{id}", send().to(staff::answer))
            .route("/@{name}", read().to(named::show))
            .route("/@{name}/health", read().to(health::show))
            .route("/@{name}/log", read().to(log::show))
            .route("/@{name}/log", send().to(log::ask))
            .route("/@{name}/log/{id}/withdraw", send().to(log::withdraw))
            .route("/@{name}/join", send().to(following::follow))
            .route("/@{name}/leave", send().to(following::unfollow))
            .route("/@{name}/follow", send().to(following::follow))
            .route("/@{name}/unfollow", send().to(following::unfollow))
            .route("/@{name}/requests", read().to(requests::show))
            .route("/@{name}/requests/@{who}", send().to(requests::decide))
            .route("/@{name}/{id}", read().to(threads::show))
            .default_service(route().to(nothing)),
    );
}

/// GET, and HEAD for those who only look.
fn read() -> Route {
    route().guard(guards::Any(guards::Get()).or(guards::Head()))
}

fn send() -> Route {
    route().guard(guards::Post())
}

async fn nothing() -> Result<HttpResponse> {
    Err(Error::NotFound)
}

#[cfg(test)]
mod looking_after_tests;
#[cfg(test)]
mod tests;
