// What goes wrong on people's side: a wrong answer, a tab that has grown old, a
// form sent twice, an address that is somebody else's. And the pages that belong
// to no journey.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begin, check, choose, enter, file, walk } from './citizen.mjs';
import { Person, desktop, who } from './harness.mjs';
import * as desk from './officer.mjs';

const procedure = 'Đăng ký nơi thường trú mới';
const whose = 'Chỗ ở mới là của ai?';
const own = 'Của tôi, hoặc tôi là đồng sở hữu';
const rented = 'Nhà thuê, hợp đồng có công chứng hoặc chứng thực';

test('a wrong answer comes back with what was typed, and says what to do', async () => {
  const chi = await who('Lê Minh Chí');
  await begin(chi, procedure);
  await chi.press('Tiếp tục'); // what is known
  await chi.press('Tiếp tục', { status: 422 });
  await chi.mistaken();
  await choose(chi, whose, rented);
  await chi.press('Tiếp tục');
  await chi.press('Tiếp tục', { status: 422 }); // an empty address
  await chi.mistaken();
  await chi.visit('/ho-so'); // the draft waits where it was left
  await chi.press(/^Khai tiếp/);
  await chi.visit(chi.page.url().replace(/\/ho-so\/([^/]+)\/.*/, '/ho-so/$1/dwelling/area'));
  await enter(chi, 'Diện tích sàn được thuê', 'năm mươi');
  await chi.press('Tiếp tục', { status: 422 });
  await chi.mistaken();
  assert.equal(await chi.page.getByLabel('Diện tích sàn được thuê').inputValue(), 'năm mươi');
});

test('an old tab writes nothing over: it shows both answers and asks', async () => {
  const chi = await who('Lê Minh Chí');
  const question = chi.page.url().replace(/\/dwelling\/.*/, '/dwelling/title');
  await chi.visit(question);
  const old = chi.page;
  const fresh = await chi.tab();
  await chi.visit(question);
  await choose(chi, whose, 'Tôi về ở cùng hộ gia đình của người thân');
  await chi.press('Tiếp tục');
  await chi.on(old);
  await choose(chi, whose, own);
  await chi.press('Tiếp tục', { status: 409 });
  await chi.says('Tôi về ở cùng hộ gia đình của người thân', own);
  await chi.press('Dùng câu trả lời vừa khai ở trang này');
  await chi.visit(question);
  assert.equal(await chi.page.locator('main select[name="title"] option:checked').innerText(), own);
  await fresh.close();
});

test('what was changed elsewhere is shown before anything is filed; filing twice makes one case', async () => {
  const chi = await who('Lê Minh Chí');
  await walk(chi, { [whose]: own, 'Ông/Bà chuyển đến nhà nào?': /7 ngõ 10 phố Đội Cấn/, 'Ông/Bà nhập vào hộ đã có tại đó hay lập hộ mới?': 'Lập hộ mới', 'Ông/Bà muốn nhận kết quả thế nào?': 'Bản điện tử' });
  const old = chi.page;
  const other = await chi.tab();
  await chi.visit(old.url());
  await chi.press(/^Thay đổi ông\/bà muốn nhận kết quả/);
  await choose(chi, 'Ông/Bà muốn nhận kết quả thế nào?', 'Tin nhắn SMS');
  await chi.press('Tiếp tục');
  await chi.heading(check); // back where the change began
  await chi.on(old).press(/^Nộp hồ sơ /, { status: 409 });
  await chi.says('Hồ sơ đã thay đổi', 'Bản điện tử', 'Tin nhắn SMS', 'Chưa có gì được nộp');
  await chi.press('Xem lại hồ sơ');

  const first = await file(chi);
  await chi.on(other).press(/^Nộp hồ sơ /);
  await chi.says(first);
  await chi.visit('/ho-so');
  assert.deepEqual([...new Set((await chi.text()).match(/H[\d.]+-\d{6}-\d{6}/g))], [first], 'one case came of two presses');
  await other.close();
  chi.on(old);
});

test('a case that is not one’s own is not there, for citizens and for officers elsewhere', async () => {
  const chi = await who('Lê Minh Chí');
  await chi.visit('/ho-so');
  const [code] = (await chi.text()).match(/H[\d.]+-\d{6}-\d{6}/);
  const dung = await who('Lê Thu Dung');
  await begin(dung, procedure);
  await dung.visit(`/ho-so/${code}`, 404);
  await dung.visit(`/ho-so/${code}/ket-qua`, 404);
  await dung.visit('/ho-so/00000000-0000-4000-8000-000000000000/kiem-tra', 404);
  const elsewhere = await desk.officer('Võ Hoàng Nam');
  await elsewhere.visit('/can-bo');
  await elsewhere.signIn();
  await elsewhere.visit(`/can-bo/ho-so/${code}`, 404);
  const stranger = await Person.open('Người lạ');
  await stranger.visit('/khong-co-trang-nay', 404);
  await stranger.visit('/verify/00000000-0000-4000-8000-000000000000', 404);
  await stranger.close();
});

test('the pages that are open to all, in both languages, at a telephone and at a desk', async () => {
  for (const viewport of [undefined, desktop]) {
    const reader = await Person.open('Ai đó', { viewport });
    for (const lang of ['vi', 'en']) {
      reader.lang = lang;
      await reader.visit(`/?lang=${lang}`);
      for (const path of ['/?q=thuong+tru', '/?q=khong+co', '/thu-tuc/permanent-residence', '/thu-tuc/camera-fine-payment', '/thu-tuc/birth-interlinked', '/kiem-tra', '/tro-giup', '/bao-ve-du-lieu', '/tiep-can']) {
        await reader.visit(path);
      }
    }
    await reader.close();
  }
  const chi = await who('Lê Minh Chí');
  for (const path of ['/', '/ho-so', '/giay-to', '/tin-bao', '/ai-da-xem']) await chi.visit(path);
});
