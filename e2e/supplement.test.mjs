// Permanent residence in a rented dwelling: the fee is paid at the platform, the
// owner agrees, and the lease has to be supplied once more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerRequest, begin, file, open, pay, walk } from './citizen.mjs';
import { paper, who } from './harness.mjs';
import * as desk from './officer.mjs';

const reason = 'Hợp đồng thuê chưa được công chứng hoặc chứng thực';

test('a tenant pays the fee, supplies the certified lease and is registered', async () => {
  const huy = await who('Phạm Quốc Huy');
  await begin(huy, 'Đăng ký nơi thường trú mới');
  await walk(huy, {
    'Chỗ ở mới là của ai?': 'Nhà thuê, hợp đồng có công chứng hoặc chứng thực',
    'Địa chỉ nơi ở mới': { province: 'Thành phố Hà Nội', commune: 'Phường Ba Đình', line: '40 phố Kim Mã' },
    'Diện tích sàn được thuê': '50',
    'Ông/Bà nhập vào hộ đã có tại đó hay lập hộ mới?': 'Lập hộ mới',
    'Ông/Bà muốn nhận kết quả thế nào?': 'Bản điện tử',
    'Chọn tệp': paper('hop-dong-thue.pdf', 'Hop dong thue nha, 40 pho Kim Ma'),
  });
  await huy.says('10.000 đ', 'hop-dong-thue.pdf', 'Công an phường Ba Đình');
  const code = await file(huy);
  await huy.press('Nộp tiền');
  await pay(huy);
  await huy.until('Đã thanh toán');
  await open(huy, code);
  await huy.until('Chờ tiếp nhận');

  // Two windows of the reception: the second sees that the case has moved on.
  const reception = await desk.officer('Ngô Thị Bích Ngọc');
  await desk.open(reception, code);
  const [stale, fresh] = [reception.page, await reception.tab()];
  await reception.visit(stale.url());
  await desk.act(reception, 'Tiếp nhận');
  await reception.on(stale).press('Tiếp nhận', { status: 409, within: stale.getByRole('complementary') });
  await reception.says(/vừa thay đổi|đã thay đổi/);
  await reception.close();
  assert.ok(fresh.isClosed());

  const khang = await who('Đỗ Văn Khang');
  await answerRequest(khang, 'Đồng ý');
  await khang.press('Đồng ý');

  const handler = await desk.officer('Dương Văn Hải');
  await desk.open(handler, code);
  await desk.judge(handler, { 'Chỗ ở hợp pháp': ['Chưa đạt', reason], 'Quan hệ với chủ hộ': 'Không cần', 'Diện miễn lệ phí': 'Không cần' }, 'Yêu cầu bổ sung (CT05)');
  await handler.says('Người dân sẽ đọc', reason, 'Thời hạn giải quyết dừng');
  await desk.confirm(handler, 'Yêu cầu bổ sung (CT05)');

  await huy.visit('/ho-so');
  await huy.until('Cần Ông/Bà làm');
  await huy.press(/^Làm ngay/);
  await huy.press('Bổ sung hồ sơ');
  await huy.says(reason, 'Chỉ những mục dưới đây sửa được');
  await huy.press(/công chứng hoặc chứng thực/);
  await huy.page.getByLabel('Chọn tệp').setInputFiles(paper('hop-dong-chung-thuc.pdf', 'Hop dong da chung thuc'));
  await huy.press(/về danh sách/);
  await huy.says('Ông/Bà đã sửa nhưng chưa nộp lại');
  await huy.press('Kiểm tra và nộp lại', { within: huy.main.locator('.hs-actions') });
  await huy.says('hop-dong-chung-thuc.pdf');
  await huy.press('Nộp lại', { status: 422 }); // without saying that everything is corrected
  await huy.mistaken();
  await huy.page.getByRole('checkbox').check();
  await huy.press('Nộp lại');
  await huy.until('Đang thẩm định');

  await desk.open(handler, code);
  await handler.says('cần đánh giá lại', 'hop-dong-chung-thuc.pdf');
  await desk.judge(handler, { 'Chỗ ở hợp pháp': 'Đạt' }, 'Trình duyệt');
  await desk.confirm(handler, 'Trình duyệt');
  const approver = await desk.officer('Nguyễn Hữu Phước');
  await desk.open(approver, code);
  await desk.act(approver, 'Phê duyệt');

  await open(huy, code, 'Kết quả và giấy tờ');
  await huy.until('CT08');
  await huy.says('Đã đăng ký thường trú', 'CT05', 'CT04');
  await huy.pdf(/Tải về \(PDF\).*CT05/);
});
