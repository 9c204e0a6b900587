"""Roles on the roster: the five teams, front-line staff and the people of stationed bodies."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.code import Level


@dataclass(frozen=True)
class Role:
    """What kind of responder a person is.

    Parameters
    ----------
    level
        Level of the areas such people usually answer for; buildings count as GRID.
    travels
        False for those who are consulted or visited by appointment (judges, lawyers): travel
        time then plays no part.
    families
        Case families they answer (dispatch.assign.ladder holds the rungs).
    """

    code: str
    name: str
    name_en: str
    team: str
    team_name: str
    team_name_en: str
    level: Level
    travels: bool
    families: tuple[str, ...]


_TEAMS = {
    "grid": ("网格队伍", "Grid staff"),
    "mediation": ("调解队伍", "Mediation"),
    "cadre": ("下沉干部", "Seconded cadres"),
    "community": ("社区队伍", "Community staff"),
    "fire": ("消防文员", "Fire clerks"),
    "street": ("街道队伍", "Street staff"),
    "stationed": ("驻街站所", "Stationed bodies"),
}


def _role(
    code: str, names: tuple[str, str], team: str, level: Level, families: str, travels: bool = True
) -> Role:
    return Role(code, *names, team, *_TEAMS[team], level, travels, tuple(families.split()))


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role("grid_worker", ("网格员", "Grid worker"), "grid", Level.GRID,
              "hazard service police recommendation"),
        _role("info_officer", ("网格信息员(楼组长)", "Information officer"), "grid", Level.GRID,
              "hazard service"),
        _role("mediator", ("专职人民调处员", "People's mediator"), "mediation", Level.COMMUNITY,
              "dispute"),
        _role("judge", ("员额法官", "Judge"), "mediation", Level.COMMUNITY, "dispute", False),
        _role("lawyer", ("律师", "Lawyer"), "mediation", Level.COMMUNITY, "dispute", False),
        # Called by run cards only (三官一律); the demo's number of them is an assumption.
        _role("prosecutor", ("检察官", "Prosecutor"), "mediation", Level.STREET, "", False),
        _role("cadre", ("下沉干部", "Seconded cadre"), "cadre", Level.COMMUNITY,
              "hazard service recommendation"),
        _role("community_worker", ("社区工作者", "Community worker"), "community",
              Level.COMMUNITY, "hazard service recommendation"),
        _role("fire_clerk", ("消防文员", "Fire clerk"), "fire", Level.STREET, "hazard"),
        _role("admin_post", ("行政编制下沉人员", "Administrative post moved down"), "street",
              Level.STREET, "hazard service recommendation"),
        _role("institutional_post", ("事业编制下沉人员", "Institutional post moved down"),
              "street", Level.STREET, "hazard service recommendation"),
        _role("police_officer", ("民警", "Police officer"), "stationed", Level.STREET,
              "police"),
        _role("justice_officer", ("司法所工作人员", "Justice officer"), "stationed",
              Level.STREET, "dispute"),
        _role("firefighter", ("消防员", "Firefighter"), "stationed", Level.STREET, "hazard"),
        _role("urban_officer", ("城管队员", "Urban management officer"), "stationed",
              Level.STREET, "hazard"),
        _role("gas_fitter", ("燃气抢修员", "Gas fitter"), "stationed", Level.STREET, "hazard"),
    )
}  # fmt: skip
"""Every role of the glossary that receives assignments, by code."""
