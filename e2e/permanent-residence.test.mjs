// Permanent residence: a wife joins her husband. First her birth date is said to
// be wrong and the head does not agree, so the case is refused; then he agrees.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerRequest, begin, check, file, group, open, walk } from './citizen.mjs';
import { Person, who } from './harness.mjs';
import * as desk from './officer.mjs';

const procedure = 'Đăng ký nơi thường trú mới';
const known = 'Thông tin chúng tôi đã có về Ông/Bà';
const joinsHusband = {
  'Chỗ ở mới là của ai?': 'Tôi về ở cùng hộ gia đình của người thân',
  'Địa chỉ nơi ở mới': { province: 'Thành phố Hà Nội', commune: 'Phường Ba Đình', line: '12 phố Lê Lợi' },
  'Ông/Bà nhập vào hộ của ai?': 'Trần Văn Bình',
  'Ông/Bà muốn nhận kết quả thế nào?': 'Bản điện tử',
};

test('a contested birth date goes with the case; the head does not agree, and the refusal says why', async () => {
  const an = await who('Nguyễn Thị An');
  await begin(an, procedure);
  await an.heading(known);
  await an.press(/^Chưa đúng\? ngày, tháng, năm sinh/);
  const right = group(an, 'Giá trị đúng: Ngày, tháng, năm sinh');
  await right.getByLabel('Ngày').fill('21');
  await right.getByLabel('Tháng').fill('4');
  await right.getByLabel('Năm').fill('1996');
  await an.press('Báo chưa đúng và khai tiếp', { status: 422 }); // without saying how she knows
  await an.mistaken();
  assert.equal(await right.getByLabel('Ngày').inputValue(), '21', 'what was typed is kept');
  await an.page.getByLabel('Vì sao Ông/Bà biết giá trị đúng').fill('Giấy khai sinh bản chính ghi ngày 21/4/1996');
  await an.press('Báo chưa đúng và khai tiếp');
  await an.heading(known);
  await an.says('12/04/1996', '21/04/1996', 'báo chưa đúng');
  await walk(an, joinsHusband);
  await an.says('12/04/1996', '21/04/1996', 'báo chưa đúng');
  const code = await file(an);

  const reception = await desk.officer('Ngô Thị Bích Ngọc');
  await desk.open(reception, code);
  const values = reception.page.getByRole('row').filter({ hasText: '21/04/1996' });
  assert.match(await values.innerText(), /12\/04\/1996/, 'the two values stand side by side');
  await reception.says('Giấy khai sinh bản chính ghi ngày 21/4/1996');
  await desk.act(reception, 'Tiếp nhận');

  const binh = await who('Trần Văn Bình');
  await answerRequest(binh, 'Không đồng ý');
  await binh.press('Không đồng ý', { status: 422 });
  await binh.mistaken();
  await binh.page.getByLabel('Lý do').fill('Chúng tôi đang ly thân');
  await binh.press('Không đồng ý');
  await binh.says('Không đồng ý');

  const handler = await desk.officer('Dương Văn Hải');
  await desk.open(handler, code);
  await desk.judge(handler, { 'Chỗ ở hợp pháp': 'Đạt', 'Quan hệ với chủ hộ': ['Chưa đạt', 'Chủ hộ không đồng ý'], 'Thành viên cùng chuyển đến': 'Không cần' }, 'Trình duyệt');
  await desk.confirm(handler, 'Trình duyệt');

  const approver = await desk.officer('Nguyễn Hữu Phước');
  await desk.open(approver, code);
  await approver.press('Từ chối (CT06)', { within: approver.page.getByRole('complementary') });
  await approver.press('Xác nhận: Từ chối (CT06)', { status: 422 }); // without a ground
  await approver.mistaken();
  await approver.page.getByRole('checkbox', { name: 'Chủ hộ hoặc chủ sở hữu chỗ ở không đồng ý' }).check();
  await approver.press('Xác nhận: Từ chối (CT06)');

  await open(an, code, 'Kết quả và giấy tờ');
  await an.until('Phiếu từ chối tiếp nhận, giải quyết hồ sơ (CT06)');
  await an.says('Không được đăng ký', 'Chủ hộ hoặc chủ sở hữu chỗ ở không đồng ý', 'Luật Cư trú 68/2020/QH14, Điều 20', 'Khiếu nại');
  await an.pdf(/Tải về \(PDF\).*CT06/);
});

test('a wife joins her husband: from the home page to the notice that anybody can check', async () => {
  const an = await who('Nguyễn Thị An');
  await begin(an, procedure);
  await an.heading(known);
  await an.says('25 phố Hàng Bông', 'Cơ sở dữ liệu quốc gia về dân cư');
  await walk(an, joinsHusband);
  assert.ok(an.asked <= 8, `${an.asked} questions were asked, at most 8 may be`);
  await an.heading(check);
  await an.says('Trần Văn Bình', 'Vợ', 'Công dân số nộp trực tuyến được miễn'); // the head, the kinship and the fee, found and not asked
  const code = await file(an);

  const reception = await desk.officer('Ngô Thị Bích Ngọc');
  await desk.open(reception, code);
  await desk.act(reception, 'Tiếp nhận');

  const binh = await who('Trần Văn Bình');
  await answerRequest(binh, 'Đồng ý');
  await binh.press('Đồng ý');
  await binh.says('Đã đồng ý');

  const handler = await desk.officer('Dương Văn Hải');
  await desk.open(handler, code);
  await desk.judge(handler, { 'Chỗ ở hợp pháp': 'Đạt', 'Quan hệ với chủ hộ': 'Đạt', 'Thành viên cùng chuyển đến': 'Đạt' }, 'Trình duyệt');
  await desk.confirm(handler, 'Trình duyệt');

  const approver = await desk.officer('Nguyễn Hữu Phước');
  await desk.open(approver, code);
  await desk.act(approver, 'Phê duyệt');

  await open(an, code, 'Kết quả và giấy tờ');
  await an.until('Thông báo kết quả giải quyết thủ tục về cư trú (CT08)');
  await an.says('Đã đăng ký thường trú');
  const notice = await an.pdf(/Tải về \(PDF\).*CT08/);
  const [, id] = (await an.text()).match(/CT08\).*?mã kiểm tra ([0-9a-f-]{36})/);
  for (const tab of ['Tiến trình', 'Nội dung đã nộp', 'Ai đã xem dữ liệu']) await an.press(tab, { within: an.main });
  await an.says('Công an phường Ba Đình');

  // The notice is among her papers, beside her card, and leads to the page that verifies it.
  await an.press('Giấy tờ', { within: an.page.getByRole('navigation', { name: 'Các trang chính' }) });
  await an.heading('Giấy tờ của tôi');
  await an.says('Số có bốn chữ số cuối 0101', 'CT08', 'Công an phường Ba Đình', 'Giá trị sử dụng', code);
  await an.saysNot('001196000101');
  await an.press('Mọi giấy tờ', { within: an.main });
  await an.says('Phiếu tiếp nhận', 'CT08');
  await an.press(/^Kiểm tra .*CT08/, { within: an.main });
  await an.says('Có giấy mang mã này và đang có hiệu lực');
  assert.ok(an.page.url().endsWith(id));

  const anybody = await Person.open('Ai đó');
  await anybody.visit('/kiem-tra');
  await anybody.page.getByLabel(/Mã kiểm tra/).fill(id);
  await anybody.press('Kiểm tra mã');
  assert.match(anybody.page.url(), /\/verify\//);
  await anybody.says('Có giấy mang mã này và đang có hiệu lực', 'Công an phường Ba Đình');
  await anybody.saysNot('Nguyễn Thị An');
  await anybody.page.getByLabel(/PDF/).setInputFiles({ name: 'ct08.pdf', mimeType: 'application/pdf', buffer: notice });
  await anybody.press('So tệp');
  await anybody.says('Tệp này là bản gốc đã cấp');
  notice[notice.length - 40] ^= 1; // somebody changed the file
  await anybody.page.getByLabel(/PDF/).setInputFiles({ name: 'ct08.pdf', mimeType: 'application/pdf', buffer: notice });
  await anybody.press('So tệp');
  await anybody.says('Tệp này không phải bản đã cấp');
  await anybody.close();

  // From now on the registries answer with the new home.
  await begin(an, procedure);
  await an.heading(known);
  await an.says('12 phố Lê Lợi');
  await an.saysNot('25 phố Hàng Bông');
});
