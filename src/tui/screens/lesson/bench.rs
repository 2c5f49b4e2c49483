//! The workbench of a scene that is played by a lesson, beside its prose.

use crate::i18n::Lang;
use crate::script::{Play, Troupe};
use crate::session::Live;
use crate::tui::moment::{Now, Standing};
use crate::tui::widgets::view::View;
use crate::tui::{Theme, Viewer};

/// The workbench as the scene stands, or as it stood at the moment that `viewer` looks at.
pub fn of<'a>(play: &'a Play, viewer: &'a Viewer, theme: &'a Theme, lang: Lang) -> View<'a> {
    let live = play.troupe().map(Troupe::live);
    // A lab stands before whatever comes; nothing goes on while the past is looked at.
    let now = live.map_or_else(|| Now::standing(Standing::Paused), |live| Now::of(live, None));
    let shown = viewer.travel.shown(play.timeline(), Now { runs_on: None, ..now });
    View {
        addr: live.map(Live::addr),
        policy: shown.world.policy().or(live.map(Live::policy)).copied(),
        taught: true,
        by_hand: live.is_none(),
        ..View::of(shown, viewer, theme, lang)
    }
}
