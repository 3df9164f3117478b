//! `commonhold serve`: the node itself.
use std::{
    io::{IsTerminal as _, Write as _, stdout},
    net::TcpListener,
};

use commonhold::{app::App, domain::members, server};

use super::{
    Context, logs,
    report::{Failure, Report},
};

/// Runs until asked to stop.
pub fn run(context: &Context) -> Result<Report, Failure> {
    logs::start(&context.config);
    for name in &context.config.unknown_variables {
        tracing::warn!("{name} names no setting");
    }
    let address = context.config.listen;
    let listener = TcpListener::bind(address)
        .map_err(|why| Failure::new(format!("cannot listen at {address}: {why}")))?;
    let config = context.config.clone().listening_at(listener.local_addr()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async move {
        let app = tokio::task::spawn_blocking(move || App::open(config))
            .await
            .map_err(|why| Failure::new(why.to_string()))??;
        greet(&app)?;
        server::serve(app, listener, server::asked_to_stop()?).await.map_err(Failure::from)
    })?;
    Ok(Report::silent())
}

/// Says where the node is, and lets the first visitor in. The link goes to a terminal only: what
/// is written to a log is read by others.
fn greet(app: &App) -> Result<(), Failure> {
    let origin = app.origin();
    tracing::info!(domain = app.domain(), "the node answers at {origin}");
    if !stdout().is_terminal() {
        if app.read_now(|conn| Ok(commonhold::db::members::has_operator(conn)?))? {
            return Ok(());
        }
        tracing::info!(
            "nobody runs this node yet: start it in a terminal for a first-visit link, or use \
             `commonhold member create NAME --email E --operator`"
        );
        return Ok(());
    }
    let mut out = stdout();
    writeln!(out, "\nCommonhold is at {origin}")?;
    if let Some(token) = app.write_now(members::first_visit)? {
        writeln!(
            out,
            "Open this link to become its operator (once, within an hour):\n\n    \
             {origin}setup?token={token}\n"
        )?;
    }
    out.flush()?;
    Ok(())
}
