//! `commonhold media ..`
use clap::Subcommand;
use commonhold::{db, domain::media::size};
use serde_json::json;

use super::{
    Context,
    report::{Failure, Report},
};

#[derive(Clone, Copy, Subcommand)]
pub enum Media {
    /// Say whose files take how much, and how much the copies of other servers' files do.
    Usage {
        /// How many members to list.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        most: u16,
    },
}

pub fn run(context: &Context, what: Media) -> Result<Report, Failure> {
    let Media::Usage { most } = what;
    let app = context.open()?;
    let (members, copies) = app.read_now(|conn| {
        let mut members = Vec::new();
        for (id, bytes) in db::media::most_used(conn, most.into())? {
            members.push((db::actors::by_id(conn, id)?.name, bytes));
        }
        Ok((members, db::cached_files::total_bytes(conn)?))
    })?;
    app.close();
    let quota = context.config.media.quota_bytes;
    let mut lines: Vec<String> = members
        .iter()
        .map(|(name, bytes)| format!("{:>9}  {}", size(*bytes), context.handle(name)))
        .collect();
    lines.push(format!("{:>9}  copies of files of other servers", size(copies)));
    if let Some(quota) = quota {
        lines.push(format!("Each member may have {}.", size(quota)));
    }
    let listed: Vec<_> =
        members.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes })).collect();
    let data = json!({ "members": listed, "copies_bytes": copies, "quota_bytes": quota });
    Ok(Report::new(lines.join("\n"), data))
}
