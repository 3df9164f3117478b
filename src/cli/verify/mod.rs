//! `commonhold verify`: whether a group's ledger can be believed.
mod net;
mod progress;

use std::{
    fs::File as OnDisk,
    io::{self, BufRead, BufReader, Read as _},
};

use clap::Args;
use commonhold::{
    health::Tally,
    verify::{File, Keys, MAX_LINE_BYTES, Offline, Outcome, Verdict, check_record},
};
use serde_json::Value;
use url::Url;

use super::{
    Context,
    report::{Failure, Report},
};
use progress::Progress;

/// Longest copy of somebody's receipts, in bytes.
const MAX_RECORD_BYTES: u64 = 64 << 20;

/// Exit code where nothing can be said.
pub const NOT_CHECKED: u8 = 3;

#[derive(Args)]
pub struct Verify {
    /// The address of a group's page or of the group itself, to check it at its own server; or a
    /// file that its page offers for download; or - for the standard input.
    #[arg(value_name = "URL|FILE")]
    what: String,
    /// Of a file: look up the keys of those who signed at their own servers.
    #[arg(long)]
    online: bool,
}

/// The last line of what this prints is PASS, WARN (n erased) or FAIL (entries ..), the exit code
/// 0, 1 or 2; 3 where it could not be checked.
pub fn run(context: &Context, what: &Verify) -> Result<Report, Failure> {
    let outcome = match what.what.as_str() {
        "-" => return of_file(context, what, &mut io::stdin().lock()),
        text if text.starts_with("http://") || text.starts_with("https://") => {
            let url = Url::parse(text).map_err(|why| Failure::new(format!("{text}: {why}")))?;
            net::check(&context.config, &url)?
        }
        path => {
            let file = OnDisk::open(path).map_err(|why| Failure::new(format!("{path}: {why}")))?;
            return of_file(context, what, &mut BufReader::with_capacity(1 << 16, file));
        }
    };
    Ok(report(outcome.to_text(), outcome.to_json(), &outcome.verdict))
}

fn report(text: String, data: Value, verdict: &Verdict) -> Report {
    Report::new(text, data).code(verdict.code())
}

/// A file: a ledger, or a person's copy of their receipts.
fn of_file(context: &Context, what: &Verify, from: &mut impl BufRead) -> Result<Report, Failure> {
    let mut online = if what.online { Some(net::keys(&context.config)?) } else { None };
    let mut offline = Offline;
    let keys: &mut dyn Keys = match &mut online {
        Some(net) => net,
        None => &mut offline,
    };
    // The first line of a ledger begins with its group.
    if from.fill_buf()?.starts_with(b"{\"@context\"") {
        let mut text = Vec::new();
        from.take(MAX_RECORD_BYTES + 1).read_to_end(&mut text)?;
        if u64::try_from(text.len()).is_ok_and(|len| len > MAX_RECORD_BYTES) {
            return Err(Failure::new("the file is too long for a copy of receipts"));
        }
        let outcome = check_record(&text, keys).map_err(Failure::new)?;
        return Ok(report(outcome.to_text(), outcome.to_json(), &outcome.verdict));
    }
    let outcome = read(from, keys)?;
    Ok(report(outcome.to_text(), outcome.to_json(), &outcome.verdict))
}

/// Checks a ledger, with the keys that it brings along where nobody else knows them.
fn read(from: &mut impl BufRead, keys: &mut dyn Keys) -> Result<Outcome, Failure> {
    let (mut line, mut progress) = (Vec::new(), Progress::new());
    if next_line(from, &mut line)? == Read::Nothing {
        return Err(Failure::new("there is nothing to check: the file is empty"));
    }
    let mut tally = Tally::new();
    let mut file = File::new(&line, keys, Some(&mut tally)).map_err(Failure::new)?;
    loop {
        match next_line(from, &mut line)? {
            Read::Nothing => break,
            Read::Line => file.line(&line),
            Read::Rest => file.breaks_off(),
        }
        let (read, size) = file.progress();
        progress.at(read, size);
    }
    progress.done();
    Ok(file.finish())
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    Nothing,
    Line,
    /// A line that has no end.
    Rest,
}

/// Reads a line without its end, and no more of it than any line may have and a byte.
fn next_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Read> {
    line.clear();
    let mut any = false;
    loop {
        let bytes = from.fill_buf()?;
        if bytes.is_empty() {
            return Ok(if any { Read::Rest } else { Read::Nothing });
        }
        any = true;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
        let room = (MAX_LINE_BYTES + 1).saturating_sub(line.len());
        line.extend(part.iter().take(room));
        let used = end.map_or(bytes.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            return Ok(Read::Line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_one_by_one_and_never_whole_if_they_are_too_long() {
        let text = [b"one\n\ntwo\n".to_vec(), vec![b'x'; 3 << 20], b"\nrest".to_vec()].concat();
        let mut from = BufReader::with_capacity(1000, text.as_slice());
        let mut line = Vec::new();
        let mut next = || {
            let read = next_line(&mut from, &mut line).unwrap();
            (read, line.len(), line.first().copied())
        };
        assert_eq!(next(), (Read::Line, 3, Some(b'o')));
        assert_eq!(next(), (Read::Line, 0, None));
        assert_eq!(next(), (Read::Line, 3, Some(b't')));
        assert_eq!(next(), (Read::Line, MAX_LINE_BYTES + 1, Some(b'x')));
        assert_eq!(next(), (Read::Rest, 4, Some(b'r')));
        assert_eq!(next(), (Read::Nothing, 0, None));
    }

    #[test]
    fn nothing_and_nonsense_are_told_apart() {
        assert!(read(&mut io::empty(), &mut Offline).is_err());
        let outcome = read(&mut b"nonsense\n".as_slice(), &mut Offline).unwrap();
        assert_eq!(outcome.verdict.line(), "FAIL (entries none; file)");
    }
}
