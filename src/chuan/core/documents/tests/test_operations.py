import threading
from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from chuan.core.audit.models import Entry
from chuan.core.documents import operations, queries
from chuan.core.documents.enums import DocumentState, DocumentType, FilePurpose, RelationKind
from chuan.core.documents.layout import IncompleteDocument
from chuan.core.documents.models import NumberSeries, OfficialDocument
from chuan.core.documents.operations import ChangedMeanwhile
from chuan.core.documents.parts import Mention, NewFile
from chuan.core.documents.testing import DocumentFileFactory, OfficialDocumentFactory
from chuan.core.files.models import Upload
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.files.testing import EXE, PDF, SAMPLES
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.registry import Registry
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def on_a_day():
    with time_machine.travel("2026-11-20T09:00:00+07:00", tick=False):
        yield


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"


@pytest.fixture
def body():
    return OrganisationFactory(name="Sở Khoa học và Công nghệ", notation="SKHCN")


@pytest.fixture
def clerk(body):
    return PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=body)


def actions():
    return list(Entry.objects.order_by("pk").values_list("action", flat=True))


def draft(clerk, body, **changes):
    given = {"kind": DocumentType.REPORT, "subject": "Kết quả năm 2026", **changes}
    return operations.draft_document(actor=clerk, issuer=body, **given)


def issue(clerk, document, issued_on=TODAY):
    return operations.issue_document(
        actor=clerk, document=document, issued_on=issued_on, signer="Lê Văn Đức"
    )


# ---------------------------------------------------------------- coming in


def test_a_document_that_came_in_is_registered_with_its_file_and_what_it_rests_on(clerk, body):
    document = operations.register_document(
        actor=clerk,
        held_by=body,
        kind=DocumentType.DECISION,
        symbol="Số: 1029/QĐ-UBND",
        issuer_name="Ủy ban nhân dân tỉnh Bình Định",
        subject="Ban hành  Kế hoạch\u00a0triển khai",
        issued_on=date(2025, 3, 25),
        received_on=date(2025, 3, 27),
        recipients=["- Như Điều 3;", "", "- Lưu: VT, K8."],
        mentions=[
            Mention(RelationKind.BASED_ON, "38-CT/TW"),
            Mention(RelationKind.IMPLEMENTS, "1703/QĐ-TTg"),
        ],
        files=[NewFile(FilePurpose.ORIGINAL, "Quyết định 1029.pdf", PDF)],
    )

    document.refresh_from_db()
    assert (document.number, document.notation, document.symbol) == (
        1029,
        "QĐ-UBND",
        "1029/QĐ-UBND",
    )
    assert document.subject == "Ban hành Kế hoạch triển khai"
    assert document.recipients == ["Như Điều 3", "Lưu: VT, K8"]
    assert document.state == DocumentState.RECEIVED
    assert set(document.relations.values_list("kind", "target_symbol", "target")) == {
        ("based_on", "38-CT/TW", None),
        ("implements", "1703/QĐ-TTg", None),
    }
    assert [row.upload.name for row in document.files.all()] == ["Quyết định 1029.pdf"]
    assert actions() == ["documents.registered", "files.uploaded", "documents.file_attached"]


def test_a_refused_file_registers_nothing(clerk, body):
    with pytest.raises(FileRefused):
        operations.register_document(
            actor=clerk,
            held_by=body,
            kind=DocumentType.DECISION,
            symbol="1/QĐ-UBND",
            issuer_name="UBND tỉnh",
            subject="Thử",
            files=[NewFile(FilePurpose.ORIGINAL, "a.pdf", EXE)],
        )
    assert not OfficialDocument.objects.exists()
    assert not Upload.objects.exists()
    assert actions() == []


def test_relations_find_their_document_when_it_is_registered_later(clerk, body):
    plan = OfficialDocumentFactory(held_by=body)
    relation = operations.relate(
        actor=clerk, document=plan, kind=RelationKind.BASED_ON, symbol="38-CT/TW"
    )
    assert relation.target is None

    directive = operations.register_document(
        actor=clerk,
        held_by=body,
        kind=DocumentType.DIRECTIVE,
        symbol="38-CT/TW",
        issuer_name="Ban Bí thư",
        subject="Công tác tiêu chuẩn, đo lường, chất lượng",
    )

    relation.refresh_from_db()
    assert relation.target == directive
    assert [row.document for row in queries.relations_to(directive)] == [plan]


def test_a_symbol_that_two_years_share_is_not_guessed_at():
    OfficialDocumentFactory(number=5, notation="KH-UBND", issued_on=date(2024, 1, 5))
    assert queries.find_by_symbol("05/kh-ubnd") is not None
    OfficialDocumentFactory(number=5, notation="KH-UBND", issued_on=date(2025, 1, 5))
    assert queries.find_by_symbol("05/KH-UBND") is None


def test_a_document_is_related_once_and_not_to_itself(clerk, body):
    document = OfficialDocumentFactory(held_by=body, number=7)
    operations.relate(actor=clerk, document=document, kind=RelationKind.AMENDS, symbol="1/QĐ-UBND")
    for symbol in ["1/QĐ-UBND", "07/QĐ-UBND"]:
        with pytest.raises(ValidationError):
            operations.relate(
                actor=clerk, document=document, kind=RelationKind.AMENDS, symbol=symbol
            )


# ---------------------------------------------------------------- our own


@pytest.mark.parametrize(
    ("kind", "notation"),
    [
        (DocumentType.REPORT, "BC-SKHCN"),
        (DocumentType.LETTER, "SKHCN"),
        (DocumentType.SUBMISSION, "TTr-SKHCN"),
    ],
)
def test_a_draft_knows_what_will_stand_after_its_number(clerk, body, kind, notation):
    document = draft(clerk, body, kind=kind)
    assert (document.number, document.symbol) == (None, f"…/{notation}")
    assert document.issuer_name == "Sở Khoa học và Công nghệ"
    assert document.state == DocumentState.DRAFT


def test_numbers_run_from_one_in_every_year_and_kind(clerk, body):
    other = OrganisationFactory(notation="SYT")
    first, second = issue(clerk, draft(clerk, body)), issue(clerk, draft(clerk, body))
    letter = issue(clerk, draft(clerk, body, kind=DocumentType.LETTER))
    theirs = PersonFactory(role=Role.UNIT_HEAD, organisation=other)
    foreign = issue(theirs, draft(theirs, other))
    with time_machine.travel("2027-01-04T09:00:00+07:00", tick=False):
        next_year = issue(clerk, draft(clerk, body), date(2027, 1, 4))

    symbols = [row.symbol for row in (first, second, letter, foreign, next_year)]
    assert symbols == ["01/BC-SKHCN", "02/BC-SKHCN", "01/SKHCN", "01/BC-SYT", "01/BC-SKHCN"]
    assert first.state == DocumentState.ISSUED
    assert Entry.objects.filter(action="documents.issued").first().details == {
        "symbol": "01/BC-SKHCN",
        "issued_on": "2026-11-20",
    }


def test_a_number_is_given_only_with_a_signer_the_drafts_own_by_default(clerk, body):
    nobody, named = draft(clerk, body), draft(clerk, body, signer="Trần Thị Mai")

    with pytest.raises(ValidationError, match="người ký"):
        operations.issue_document(actor=clerk, document=nobody, issued_on=TODAY)
    issued = operations.issue_document(actor=clerk, document=named, issued_on=TODAY)

    assert (issued.number, issued.signer) == (1, "Trần Thị Mai")


@pytest.fixture
def drawn(monkeypatch):
    """A drawer on the shelf that draws what the test says, of the issued document."""
    shelf = Registry("drawer of issued documents")
    monkeypatch.setattr(operations, "drawn_when_issued", shelf)
    return lambda draw: shelf.add("test", draw)


def test_what_the_system_drew_is_drawn_again_when_issued_and_the_earlier_file_stays(
    clerk, body, drawn
):
    drawn(
        lambda document: [
            NewFile(FilePurpose.DRAFT_PDF, f"so-{document.number}-{document.signer}.pdf", PDF)
        ]
    )
    document = draft(clerk, body, files=[NewFile(FilePurpose.DRAFT_PDF, "chua-so.pdf", PDF)])

    issued = issue(clerk, document)

    files = [row.upload for row in queries.files_of(issued, reader=clerk)]
    assert [(one.name, one.uploaded_by) for one in files] == [
        ("so-1-Lê Văn Đức.pdf", None),
        ("chua-so.pdf", clerk),
    ]
    line = Entry.objects.filter(action="documents.file_attached").order_by("pk").last()
    assert (line.actor, line.details["name"]) == (None, "so-1-Lê Văn Đức.pdf")
    with pytest.raises(Denied, match="bản đã ký"):
        operations.attach_file(
            actor=clerk,
            document=issued,
            purpose=FilePurpose.DRAFT_PDF,
            name="khac.pdf",
            content=PDF,
        )


def test_a_text_that_cannot_be_drawn_with_its_number_gets_none(clerk, body, drawn):
    def draw(document):
        raise IncompleteDocument(["Thiếu chức vụ của người ký."])

    drawn(draw)
    document = draft(clerk, body)

    with pytest.raises(ValidationError, match="chức vụ"):
        issue(clerk, document)

    document.refresh_from_db()
    assert document.state == DocumentState.DRAFT
    assert queries.next_number(body.pk, DocumentType.REPORT, 2026) == 1


def test_a_rolled_back_issue_leaves_no_gap(clerk, body):
    documents = [draft(clerk, body) for _ in range(3)]
    issue(clerk, documents[0])
    with transaction.atomic():
        assert issue(clerk, documents[1]).number == 2
        transaction.set_rollback(True)

    assert issue(clerk, documents[2]).number == 2
    documents[1].refresh_from_db()
    assert documents[1].number is None


@pytest.mark.django_db(transaction=True)
def test_ten_people_issuing_at_once_get_ten_numbers_without_a_gap(body, clerk):
    drafts = [draft(clerk, body) for _ in range(10)]
    given, failed = [], []

    def issue_one(document):
        try:
            given.append(issue(clerk, document).number)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=issue_one, args=[document]) for document in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert failed == []
    assert sorted(given) == list(range(1, 11))
    assert NumberSeries.objects.get().last_number == 10


def test_a_document_is_numbered_once(clerk, body):
    document = issue(clerk, draft(clerk, body))
    with pytest.raises(Denied, match="Chỉ dự thảo chưa có số"):
        issue(clerk, document)


def test_days_and_numbers_run_the_same_way(clerk, body):
    issue(clerk, draft(clerk, body), date(2026, 11, 18))
    with pytest.raises(Denied, match="18/11/2026; ngày ban hành không được trước ngày đó"):
        issue(clerk, draft(clerk, body), date(2026, 11, 17))
    with pytest.raises(Denied, match="không được sau hôm nay"):
        issue(clerk, draft(clerk, body), date(2026, 11, 21))
    assert issue(clerk, draft(clerk, body), date(2026, 11, 18)).number == 2


def test_a_cancelled_number_is_never_given_again(clerk, body):
    document = issue(clerk, draft(clerk, body))
    cancelled = operations.cancel_document(actor=clerk, document=document, reason="Sai số liệu")

    assert (cancelled.number, cancelled.state) == (1, DocumentState.CANCELLED)
    assert issue(clerk, draft(clerk, body)).number == 2
    with pytest.raises(Denied, match="đã hủy rồi"):
        operations.cancel_document(actor=clerk, document=document, reason="lần nữa")


def test_cancelling_needs_a_reason(clerk, body):
    with pytest.raises(ValidationError, match="Nhập lý do hủy"):
        operations.cancel_document(actor=clerk, document=draft(clerk, body), reason=" ")


def test_a_paper_register_is_taken_over_in_the_middle_of_a_year(clerk, body):
    operations.continue_series(
        actor=clerk, issuer=body, kind=DocumentType.REPORT, year=2026, last_number=318
    )
    assert issue(clerk, draft(clerk, body)).symbol == "319/BC-SKHCN"
    with pytest.raises(Denied, match="đã cấp số cho sổ này"):
        operations.continue_series(
            actor=clerk, issuer=body, kind=DocumentType.REPORT, year=2026, last_number=500
        )


@pytest.mark.data_layer
@pytest.mark.parametrize(
    "change", [{"number": 9}, {"notation": "BC-X"}, {"issued_on": TODAY}, {"is_ours": False}]
)
def test_the_database_keeps_a_given_number(change):
    row = OfficialDocumentFactory(issued=True)
    rows = OfficialDocument.objects.filter(pk=row.pk)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        rows.update(**change)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rows.delete()
    assert rows.update(signer="Nguyễn Văn A") == 1


# ---------------------------------------------------------------- files and corrections


def test_the_signed_copy_joins_the_draft_it_was_made_from(clerk, body):
    document = draft(
        clerk, body, files=[NewFile(FilePurpose.DRAFT_DOCX, "bao-cao.docx", SAMPLES["docx"])]
    )
    issue(clerk, document)
    operations.attach_file(
        actor=clerk, document=document, purpose=FilePurpose.SIGNED, name="ky.pdf", content=PDF
    )
    again = operations.attach_file(
        actor=clerk,
        document=document,
        purpose=FilePurpose.SIGNED,
        name="ky lại.pdf",
        content=PDF + b"%",
    )

    assert document.files.count() == 3
    assert queries.newest_file(document, FilePurpose.SIGNED) == again
    assert queries.newest_file(document, FilePurpose.DRAFT_PDF) is None


def test_files_join_only_where_they_belong(clerk, body):
    received = OfficialDocumentFactory(held_by=body)
    issued = OfficialDocumentFactory(issued=True, held_by=body)
    cancelled = operations.cancel_document(actor=clerk, document=draft(clerk, body), reason="Thôi")
    cases = [
        (received, FilePurpose.DRAFT_DOCX, "chỉ có bản gốc và phụ lục"),
        (issued, FilePurpose.DRAFT_PDF, "chỉ thêm được bản đã ký"),
        (cancelled, FilePurpose.SIGNED, "đã hủy"),
    ]
    for document, purpose, message in cases:
        with pytest.raises(Denied, match=message):
            operations.attach_file(
                actor=clerk, document=document, purpose=purpose, name="a.pdf", content=PDF
            )
    assert not Upload.objects.exists()


def correct(clerk, document, **changes):
    given = {
        "version": document.version,
        "kind": DocumentType(document.kind),
        "symbol": document.symbol,
        "issuer_name": document.issuer_name,
        "subject": document.subject,
        "issued_on": document.issued_on,
        "issuer": document.issuer,
        "signer": document.signer,
        "recipients": document.recipients,
        "received_on": document.received_on,
        **changes,
    }
    return operations.correct_document(actor=clerk, document=document, **given)


def test_a_correction_keeps_what_stood_there_before(clerk, body):
    document = OfficialDocumentFactory(held_by=body, number=1092, signer="")

    correct(clerk, document, symbol="1029/QĐ-UBND", signer="Lâm Hải Giang")

    document.refresh_from_db()
    assert (document.symbol, document.version) == ("1029/QĐ-UBND", 2)
    assert Entry.objects.get().details == {
        "changed": {"signer": ["", "Lâm Hải Giang"], "number": [1092, 1029]}
    }


def test_whoever_saves_second_overwrites_nothing(clerk, body):
    document = OfficialDocumentFactory(held_by=body)
    correct(clerk, document, signer="Người thứ nhất")
    with pytest.raises(ChangedMeanwhile) as changed:
        correct(clerk, document, signer="Người thứ hai")
    assert changed.value.document.signer == "Người thứ nhất"


def test_saving_without_a_change_leaves_no_line(clerk, body):
    document = OfficialDocumentFactory(held_by=body)
    assert correct(clerk, document).version == 1
    assert actions() == []


def test_an_issued_document_is_not_corrected(clerk, body):
    document = OfficialDocumentFactory(issued=True, held_by=body)
    with pytest.raises(Denied, match="đã cấp số nên không sửa được"):
        correct(clerk, document, subject="Khác")


# ---------------------------------------------------------------- role × action × own/other

ACTIONS = {
    "register": lambda actor, body: operations.register_document(
        actor=actor,
        held_by=body,
        kind=DocumentType.DECISION,
        symbol="1/QĐ",
        issuer_name="UBND tỉnh",
        subject="Thử",
    ),
    "draft": lambda actor, body: draft(actor, body),
    "attach": lambda actor, body: operations.attach_file(
        actor=actor,
        document=OfficialDocumentFactory(held_by=body),
        purpose=FilePurpose.ORIGINAL,
        name="a.pdf",
        content=PDF,
    ),
    "relate": lambda actor, body: operations.relate(
        actor=actor,
        document=OfficialDocumentFactory(held_by=body),
        kind=RelationKind.AMENDS,
        symbol="2/QĐ",
    ),
    "correct": lambda actor, body: correct(
        actor, OfficialDocumentFactory(held_by=body), subject="Đã sửa"
    ),
    "issue": lambda actor, body: issue(actor, OfficialDocumentFactory(draft=True, held_by=body)),
    "cancel a draft": lambda actor, body: operations.cancel_document(
        actor=actor, document=OfficialDocumentFactory(draft=True, held_by=body), reason="Thôi"
    ),
    "cancel an issued one": lambda actor, body: operations.cancel_document(
        actor=actor, document=OfficialDocumentFactory(issued=True, held_by=body), reason="Sai"
    ),
    "continue a series": lambda actor, body: operations.continue_series(
        actor=actor, issuer=body, kind=DocumentType.PLAN, year=2026, last_number=3
    ),
}
IN_CHARGE_ONLY = {"cancel an issued one", "continue a series"}
KEEPERS = {
    Role.UNIT_CLERK,
    Role.UNIT_HEAD,
    Role.DEPARTMENT_COORDINATOR,
    Role.DEPARTMENT_LEADER,
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("where", ["own", "other"])
def test_a_register_is_kept_by_its_own_people(role, action, where):
    actor = PersonFactory(role=role)
    own = actor.memberships.get().organisation
    body = own if where == "own" else OrganisationFactory()
    may = KEEPERS - ({Role.UNIT_CLERK} if action in IN_CHARGE_ONLY else set())

    if where == "own" and role in may:
        ACTIONS[action](actor, body)
        assert actions()
    else:
        with pytest.raises(Denied):
            ACTIONS[action](actor, body)
        assert actions() == []


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_which_documents(role):
    actor = PersonFactory(role=role)
    own = actor.memberships.get().organisation
    other = OrganisationFactory()
    mine = {
        OfficialDocumentFactory(held_by=own),
        OfficialDocumentFactory(draft=True, held_by=own),
        OfficialDocumentFactory(issued=True, held_by=other, addressees=[own]),
    }
    not_mine = {
        OfficialDocumentFactory(held_by=other),
        OfficialDocumentFactory(issued=True, held_by=other),
        OfficialDocumentFactory(draft=True, held_by=other, addressees=[own]),
    }
    if role in KEEPERS:
        seen = mine
    elif role in {Role.PROVINCIAL_LEADER, Role.AUDITOR}:
        seen = mine | not_mine
    else:
        seen = set()

    assert set(queries.documents_visible_to(actor)) == seen


@pytest.mark.parametrize("purpose", list(FilePurpose))
def test_an_addressee_reads_all_but_the_editable_draft(purpose):
    ours, theirs = OrganisationFactory(), OrganisationFactory()
    document = OfficialDocumentFactory(issued=True, held_by=ours, addressees=[theirs])
    upload = DocumentFileFactory(document=document, purpose=purpose).upload
    keeper, addressee, stranger = (
        PersonFactory(organisation=ours),
        PersonFactory(organisation=theirs),
        PersonFactory(),
    )

    assert queries.may_read_file(keeper, upload)
    assert queries.may_read_file(addressee, upload) == (purpose != FilePurpose.DRAFT_DOCX)
    assert not queries.may_read_file(stranger, upload)
    assert len(queries.files_of(document, reader=addressee)) == (purpose != FilePurpose.DRAFT_DOCX)
