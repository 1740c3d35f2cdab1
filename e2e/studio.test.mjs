// The author's pages: the library, the report of a procedure, two versions side
// by side, and a residence that is walked to its end in a preview, once at a
// desk with the script and once at a telephone without it.

import { test } from 'node:test';
import { Person, desktop, phone, sandbox } from './harness.mjs';

const windows = [
  { what: 'at a desk', viewport: desktop },
  { what: 'at a telephone, without JavaScript', viewport: phone, js: false },
];

for (const { what, ...window } of windows) {
  test(`an author reads, previews and compares a procedure ${what}`, async () => {
    const author = await Person.open('Mạc Thị Bảo Trâm', window);
    await author.visit('/bien-soan');
    if (author.page.url().startsWith(sandbox)) await author.signIn();
    await author.says('permanent-residence', 'camera-fine-payment');
    await author.page.getByLabel('Tìm thủ tục').fill('thuong tru');
    await author.press('Tìm');
    await author.press(/Đăng ký nơi thường trú mới/);
    await author.says('Chỉ khai một lần', 'Luồng xử lý', 'Bảng lệ phí và thời hạn');
    await author.press('Chạy các tình huống');
    await author.until(/Lần chạy gần nhất|Đang chạy/);
    await author.press('So sánh', { within: author.main });
    await author.press('Công bố', { within: author.main });
    await author.press('Xem lại trước khi công bố', { status: 422 });
    await author.mistaken();
    await author.page.getByLabel('Ai đã phê duyệt?').fill('Vương Thị Minh Châu');
    await author.press('Xem lại trước khi công bố');
    await author.says('Công bố phiên bản này?', 'Vương Thị Minh Châu');
    await author.press(/^Không công bố/);
    await author.press('Xem thử', { within: author.main });

    await author.press('Bắt đầu xem thử', { status: 422 });
    await author.mistaken();
    await author.page.getByLabel('Ai nộp hồ sơ?').selectOption('001196000101');
    await author.page.getByRole('radio', { name: 'Vợ, chồng, con, cha, mẹ về ở với nhau', exact: true }).check();
    await author.press('Bắt đầu xem thử');
    await author.press('Hộ gia đình nơi đến');
    await author.press('Tiếp tục');
    await author.says('Kiểm tra trước khi nộp hồ sơ');
    await author.press('Nộp hồ sơ');
    await author.press('Sang ngày làm việc sau');
    await author.press(/^Bộ phận tiếp nhận/);
    await author.press('Tiếp nhận');
    await author.press(/Trần Văn Bình/);
    await author.press('Đồng ý');
    await author.press(/^Cán bộ đăng ký cư trú/);
    await author.press('Trình duyệt');
    await author.press('Xác nhận: Trình duyệt');
    await author.press(/^Trưởng Công an/);
    await author.press('Phê duyệt');
    await author.says('Không ai: hồ sơ đã kết thúc');
    await author.press('Bên ngoài');
    await author.press('Lưu thành tình huống thử');
    await author.says('do: grant', 'outcome: granted');
    author.lang = 'en';
    await author.press('English');
    await author.press('Back to the preview');
    await author.says('What has happened', 'Clock');
    await author.visit('/bien-soan/permanent-residence');
    await author.visit('/bien-soan/permanent-residence/so-sanh');
    await author.visit('/bien-soan');
    await author.visit('/bien-soan/permanent-residence/xem-thu');
    await author.close();
  });
}
