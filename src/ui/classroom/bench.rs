//! The workbench of a scene that is played by a lesson, beside its prose.

use crate::probe::Position;
use crate::script::{Live, Play, Troupe};
use crate::trace::Lang;
use crate::trace::scope::Timebase;
use crate::ui::app::Mode;
use crate::ui::view::{Place, Standing, View};
use crate::ui::{Theme, Travel};

/// The workbench as the scene stands, or as it stood at the moment that `travel` looks at.
pub fn of<'a>(play: &'a Play, travel: &'a Travel, theme: &'a Theme, lang: Lang) -> View<'a> {
    let timeline = play.timeline();
    let (world, past) = (travel.world(timeline), travel.is_past());
    let live = play.troupe().map(Troupe::live);
    let before = |live: &Live| match live.position() {
        Position::Before(call) => Some(call),
        _ => None,
    };
    View {
        theme,
        lang,
        mode: &Mode::Workbench,
        notice: None,
        timeline,
        at: travel.at(timeline),
        world,
        standing: match live {
            _ if past => Standing::Past { behind: travel.behind(timeline) },
            Some(live) if live.is_over() => Standing::Over,
            Some(live) => live.hangs().map_or(Standing::Paused, Standing::Hangs),
            None => Standing::Paused,
        },
        next: if past { travel.next() } else { live.and_then(before) },
        hangs: if past { travel.hangs() } else { live.and_then(Live::hangs) },
        addr: live.map(Live::addr),
        policy: world.policy().or(live.map(Live::policy)).copied(),
        ordered: world.ordered().copied(),
        selected: None,
        frozen: false,
        amount: 0,
        timebase: Timebase::Calls(1),
        taught: true,
        // A lab stands before whatever comes.
        by_hand: live.is_none(),
        ended: live.and_then(Live::ended).filter(|_| !past).cloned(),
        place: past.then(|| Place {
            recorded: false,
            playing: travel.is_playing().then(|| travel.speed()),
            runs_on: None,
        }),
        stops: &[],
    }
}
